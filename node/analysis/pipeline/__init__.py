"""Pipelines over the images of this node: each step cached, the whole signed at once."""
