"""This node's keys: what signs a checkpoint, how keys change, and how a log is succeeded."""
