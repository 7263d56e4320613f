"""Explore: one question to the records, its hits, counts, map and years."""
