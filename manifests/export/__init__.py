"""Datasets in the forms that others' tools read: one module a format, one sink a kind of place (spec/exports.md)."""
