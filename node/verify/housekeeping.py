"""Journal and index: what a node keeps for itself."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from node.compose import Node
from node.errors import NodeError
from node.index import Index, index_digest
from node.verify.fault import NodeFault


def check_journal(node: Node) -> Iterator[NodeFault]:
    """The journal is a sound SQLite file, or there is none."""
    path = node.layout.journal
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        message = f"The journal is damaged ({answer}), so no crawl can be resumed. Remove it and track again."
        yield NodeFault("journal", "bad", path.name, message)


def check_index(node: Node, *, sound: bool) -> Iterator[NodeFault]:
    """The index holds exactly what log and segments give.

    Args:
        node: The node.
        sound: Whether log and segments are sound; an index cannot be compared with damaged ones.
    """
    if not sound or not node.layout.index.exists():
        return
    name = node.layout.index.name
    try:
        with node.index() as index:
            found = index_digest(index)
        if found != rebuilt_digest(node):
            message = "The index differs from what log and segments give: vasculum index rebuild"
            yield NodeFault("index", "bad", name, message)
    except NodeError as error:
        yield NodeFault("index", "bad", name, str(error))


def rebuilt_digest(node: Node) -> object:
    """The digest of an index made anew, in a folder beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=node.layout.root) as folder:
        index = Index(Path(folder) / "index.duckdb")
        try:
            node.refresh(index)
            return index_digest(index)
        finally:
            index.close()
