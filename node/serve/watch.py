"""Beside the server: keeps the look-up of blobs up to the logs, and follows peers every so often."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hashstore.digest import Digest
from node.compose import Node
from node.datasets.hidden import hidden_blobs
from node.errors import NodeBusy, NodeError
from node.iiif.cache import ImageCache
from node.iiif.service import rendering
from node.iiif.sweep import sweep
from node.index import Index
from node.policy import Principal, decide
from node.serve.live import LiveNode
from node.serve.lookup import ServedBlobs, bring_up
from node.serve.making import SearchMaker
from provenance.errors import ProvenanceError

_LOG = logging.getLogger("vasculum.serve")
_LOOK = 1.0  # seconds between two looks at the checkpoints
_LAST_WAIT = 5.0  # seconds that the end of the server waits for a sync


def refresh_served(node: Node) -> None:
    """Bring index and look-up up to the logs."""
    with node.index() as index:
        bring_served_up(node, index)


def bring_served_up(node: Node, index: Index) -> None:
    """Bring the look-up up to an index that is, with all that must not be served: the one way to do it."""
    bring_up(node.layout.served, index, hidden_blobs(node, index))


def count_images(node: Node) -> None:
    """Take stock of what was made of images: a server that was killed may not have told of all."""
    if node.layout.iiif.is_dir():
        ImageCache(node.layout.iiif / rendering(), node.config.iiif.cache_bytes).take_stock()


def tidy_images(node: Node) -> None:
    """Remove what was made of images that are not shown any more."""
    served = ServedBlobs(node.layout.served)
    try:
        sweep(node.layout.iiif, lambda digest: _is_shown(served, digest))
    finally:
        served.close()


def _is_shown(served: ServedBlobs, digest: Digest) -> bool:
    found = served.find(digest)
    return found is not None and decide(Principal.PUBLIC, found.access).allowed


class Watcher:
    """A thread of the serving process."""

    def __init__(self, live: LiveNode, follow: Callable[[Node], object] | None, every: float) -> None:
        """Starts nothing yet.

        Args:
            live: The node.
            follow: Syncs with all peers; None to follow nobody.
            every: Seconds between the ends of two syncs.
        """
        self._live = live
        self._follow = follow
        self._every = every
        self._search = SearchMaker()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> bool:
        """End, and wait a little for what is under way; returns whether it ended.

        A sync may hang on a slow peer for long. It can be cut off at any moment, as by a kill.
        """
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_LAST_WAIT)
        return not self._thread.is_alive() and self._search.wait(0.0)

    def run(self) -> None:
        """Do the same in this thread until `stop` is called from another."""
        self._run()

    def _run(self) -> None:
        seen: dict[Path, int] = {}
        due = time.monotonic()
        self._guarded(count_images, "taking stock of what was made of images")
        while not self._stop.is_set():
            follow = self._follow
            if follow is not None and time.monotonic() >= due:
                self._guarded(follow, "following peers")
                due = time.monotonic() + self._every
            states = checkpoint_states(self._live())
            gone = not self._live().layout.served.exists()  # it can be thrown away, even now
            if (gone or states != seen) and self._guarded(refresh_served, "bringing the index up"):
                seen = states
                self._guarded(self._search.changed, "hiding what was withdrawn")
                self._guarded(tidy_images, "tidying what was made of images")
            self._guarded(self._search.go_on, "bringing up what is searched")
            self._stop.wait(_LOOK)

    def _guarded(self, work: Callable[[Node], object], what: str) -> bool:
        """Whatever goes wrong here is told and tried again: a peer's fault must not end the server."""
        try:
            work(self._live())
        except NodeBusy:
            return False
        except (NodeError, ProvenanceError, OSError) as error:
            _LOG.warning("%s did not work: %s", what, error)
            return False
        except Exception:
            _LOG.exception("%s did not work", what)
            return False
        return True


def checkpoint_states(node: Node) -> dict[Path, int]:
    """When each checkpoint was last replaced."""
    paths = [
        node.layout.log / "checkpoint",
        node.layout.peers,
        node.layout.config,
        *node.layout.root.glob("mirror/*/checkpoint"),
    ]
    return {path: path.stat().st_mtime_ns for path in paths if path.exists()}
