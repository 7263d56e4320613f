"""Datasets: a version's manifest, member by member, and what it says of itself (spec/datasets.md)."""
