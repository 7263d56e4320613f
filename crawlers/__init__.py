"""Bring records and images in: the polite fetcher and one module for each kind of source."""
