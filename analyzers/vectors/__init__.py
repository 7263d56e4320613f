"""Indexes of vectors: what is like a picture, or a region of one (spec/similar.md)."""
