"""Who says so: keys, signed statements, the append-only log, checkpoints, citations."""
