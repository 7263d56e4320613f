"""Makes what is searched anew beside the server's other work: at millions of records that takes a minute."""

from __future__ import annotations

import logging
import threading

from node.compose import Node
from node.errors import NodeError
from node.search.generation import Making, begin, hide_withdrawn

_LOG = logging.getLogger("vasculum.serve")


class SearchMaker:
    """At most one generation under way, in a thread of its own."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._wanted = False

    @property
    def busy(self) -> bool:
        """Whether one is under way."""
        return self._thread is not None and self._thread.is_alive()

    def changed(self, node: Node) -> None:
        """Logs or withdrawals have changed: what was withdrawn is hidden at once, and the rest is made soon.

        Raises:
            NodeError: the logs cannot be read.
        """
        self._wanted = True
        if self.busy:
            hide_withdrawn(node)

    def go_on(self, node: Node) -> None:
        """Begin what is wanted, unless one is still under way.

        Raises:
            NodeBusy: another process makes one; it is begun the next time.
            NodeError: the logs cannot be read.
        """
        if not self._wanted or self.busy:
            return
        making = begin(node, patience=0.0)
        self._wanted = False
        if making is not None:
            self._thread = threading.Thread(target=_finish, args=(making,), name="search", daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for what is under way; returns whether it ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.busy


def _finish(making: Making) -> None:
    try:
        making.finish()
    except (NodeError, OSError) as error:
        _LOG.warning("making what is searched did not work: %s", error)
    except Exception:
        _LOG.exception("making what is searched did not work")
