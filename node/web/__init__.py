"""The pages of a node: HTML that works without JavaScript, and loads nothing that is not the node's own."""
