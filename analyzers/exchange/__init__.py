"""Findings and annotations in the formats of others, read and written. Pure: bytes and values, no files."""
