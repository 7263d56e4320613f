"""Questions to a node: what is this, where did it come from, what does it hold."""
