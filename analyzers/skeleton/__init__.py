"""The beginning of somebody's own analyzer: a package that works, and that its author makes another of."""
