"""Make the index anew beside the old one, and swap them when it is whole."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from hashstore.digest import Digest
from node.index.database import Index
from node.index.digest import index_digest

if TYPE_CHECKING:
    from node.compose import Node


def rebuild_index(node: Node) -> tuple[Digest, int]:
    """Rebuild; a killed rebuild leaves the old index as it was.

    Returns:
        The indexDigest, and how many log entries it covers.
    """
    from node.writer_lock import writer_lock

    with writer_lock(node.layout.writer_lock):
        fresh = node.layout.index.with_name("index.rebuilding.duckdb")
        for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
            leftover.unlink(missing_ok=True)
        with Index(fresh) as index:
            node.refresh(index)
            size = index.log_size()
            digest = index_digest(index)
        node.layout.index.with_name(node.layout.index.name + ".wal").unlink(missing_ok=True)
        os.replace(fresh, node.layout.index)
        shutil.rmtree(node.layout.search, ignore_errors=True)  # made of the index when it is next asked for
    return digest, size
