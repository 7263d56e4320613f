"""Errors of handling bundles."""

from node.errors import NodeError


class BundleError(NodeError):
    """A bundle cannot be packed, handed in, tested or approved as asked."""
