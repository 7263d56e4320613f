"""A node that goes on being itself while its operator changes keys or settings under a running server."""

from __future__ import annotations

from node.compose import Node, open_node
from node.layout import Layout


class LiveNode:
    """Opens the node anew when its keys or settings have changed on the disk."""

    def __init__(self, layout: Layout) -> None:
        """Opens the node.

        Raises:
            ConfigError: its node.toml needs mending.
        """
        self._layout = layout
        self._seen = self._state()
        self._node = open_node(layout)

    def __call__(self) -> Node:
        """The node as it is now."""
        state = self._state()
        if state != self._seen:
            self._node, self._seen = open_node(self._layout), state
        return self._node

    def _state(self) -> tuple[int, ...]:
        layout = self._layout
        paths = (layout.config, layout.log_public, layout.identity_public)
        return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
