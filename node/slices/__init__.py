"""Slices of what the followed logs hold: resolved, replicated, claimed, located and audited."""
