"""Datasets handed over: what exporters are given, where exports go, and taking one in (spec/exports.md)."""
