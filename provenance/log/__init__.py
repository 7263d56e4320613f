"""A node's append-only Merkle log: C2SP tlog-tiles and checkpoints, safe against crashes."""
