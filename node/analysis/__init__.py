"""Analyzers over the images of this node: chosen, run, signed, shown, and run again."""
