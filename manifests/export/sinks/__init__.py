"""Where exports go: a folder or a tar; object storage, which needs the network, is in `node.export`."""
