"""A node's append-only Merkle log: C2SP tlog-tiles and checkpoints, written in an order that survives a crash."""
