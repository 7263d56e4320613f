"""Provenance for people: the chain behind a thing, each link checked, and bundles that somebody brings."""
