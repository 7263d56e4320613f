"""Analyzers that travel: code, models, tests and their expected outputs, by digest (spec/bundles.md)."""
