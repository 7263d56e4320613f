"""The analyzers that every node has; each is a module with an `ANALYZER`."""
