"""Errors of running analyzers at a node."""

from node.errors import NodeError


class AnalysisError(NodeError):
    """An analysis cannot be run, or run again, as asked."""
