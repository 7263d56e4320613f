"""Datasets on a node: making versions, finding and checking them, who uses them (spec/datasets.md)."""
