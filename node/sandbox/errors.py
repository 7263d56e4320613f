"""Errors of running other people's code."""

from node.errors import NodeError


class SandboxError(NodeError):
    """There is no sandbox on this machine, or it cannot be made as asked."""
