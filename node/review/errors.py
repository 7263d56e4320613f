"""What can be wrong with what people say and decide."""

from node.errors import NodeError


class ReviewError(NodeError):
    """The database of what people said cannot be used."""


class ReviewRefused(NodeError):
    """Something is not to be said, or not to be decided, by whom or as it was asked."""

    exit_code = 2
