"""Datasets in forms that others' tools read: a module for each format, sinks for places (spec/exports.md)."""
