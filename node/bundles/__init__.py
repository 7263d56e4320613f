"""Bundles of other people's analyzers: packed, handed in, tested, let to run (spec/bundles.md)."""
