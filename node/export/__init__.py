"""Datasets handed over: what a node gives to the exporters, where exports go, and taking one in (spec/exports.md)."""
