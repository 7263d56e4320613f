"""The small databases of a node, and the folder of mirrors: sound files, and none that does not belong."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from node.compose import Node
from node.datasets.hidden import hidden_blobs
from node.errors import NodeError
from node.layout import mirror_name
from node.serve.lookup import bring_up, contents
from node.verify.fault import NodeFault
from provenance.errors import ProvenanceError

_AFTER = {
    "journal.sqlite": "so no crawl can be resumed. Remove it and track again.",
    "peers.sqlite": "so nobody knows whom this node follows. Restore it from a backup, or move it away, add "
    "the peers again and sync.",
    "jobs.sqlite": "so nobody knows which jobs have not ended. Restore it from a backup, or move it away and "
    "submit them again.",
    "notices.sqlite": "so nobody knows what is watched and who is told. Restore it from a backup, or move it "
    "away and add the watches again.",
    "reviews.sqlite": "so what people said and decided and was not published is lost. Restore it from a "
    "backup, or move it away.",
    "slices.sqlite": "so nobody knows what is replicated here. Restore it from a backup, or move it away and "
    "add the mirrors again.",
    "witness.sqlite": "so nothing says what this node has cosigned. Remove it together with "
    "keys/witness.pem: without its record, this node is another witness.",
}


def check_databases(node: Node) -> Iterator[NodeFault]:
    """Journal, peers, slices, jobs, notices, reviews, what was witnessed: sound SQLite files, or none."""
    layout = node.layout
    kept = (
        layout.journal, layout.peers, layout.slices, layout.jobs, layout.notices, layout.reviews,
        layout.witnessed,
    )  # fmt: skip
    for path in kept:
        answer = _integrity(path) if path.exists() else "ok"
        if answer != "ok":
            message = f"{path.name} is damaged ({answer}), {_AFTER[path.name]}"
            yield NodeFault("journal", "bad", path.name, message)


def check_served(node: Node) -> Iterator[NodeFault]:
    """The look-up of what may be served holds what the index gives: a changed one could give too much."""
    path = node.layout.served
    if not path.exists():
        return
    try:
        with (
            node.index() as index,
            tempfile.TemporaryDirectory(prefix=".verify-", dir=node.layout.root) as folder,
        ):
            hidden = hidden_blobs(node, index)
            bring_up(path, index, hidden)
            fresh = Path(folder) / path.name
            bring_up(fresh, index, hidden)
            sound = contents(path) == contents(fresh)
    except ProvenanceError:
        return  # the log is damaged, which is told elsewhere
    except (sqlite3.Error, NodeError) as error:
        yield NodeFault("index", "bad", path.name, f"{path.name} cannot be read ({error}). {_REMOVE}")
        return
    if not sound:
        yield NodeFault("index", "bad", path.name, f"{path.name} differs from what the logs give. {_REMOVE}")


_REMOVE = "Stop the server and remove the file: `vasculum serve` makes it anew."


def check_mirrors(node: Node) -> Iterator[NodeFault]:
    """The folder of mirrors holds the logs that are followed, and nothing else."""
    folder = node.layout.root / "mirror"
    known = {mirror_name(log.origin) for log in node.peers.logs()}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in known:
            where = str(path.relative_to(node.layout.root))
            message = (
                f"{where} is no mirror of a log that this node follows. Remove it, or add its peer again."
            )
            yield NodeFault("log", "foreign", where, message)


def _integrity(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
