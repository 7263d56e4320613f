"""Checklists: made of tracked archives of taxa, and asked by filters (spec/checklists.md)."""
