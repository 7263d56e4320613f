"""Say of large blobs what it takes to check them piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.pieces import LARGEST_UNPIECED, pieces_root
from manifests.tables import PIECES
from node.index import Index
from node.track.derivatives import Derivatives
from node.track.segments import TableWriters
from node.track.session import Session

_BATCH = 256


def write_pieces(session: Session, index: Index, derivatives: Derivatives, writers: TableWriters) -> None:
    """Write a row for each large public blob of the crawl of which no row tells yet.

    Withheld ones have none: nobody but this house will ever ask for parts of them.
    """
    large = iter(dict.fromkeys(_large(session, derivatives)))
    while batch := list(islice(large, _BATCH)):
        told = _told(index, batch)
        rows = [row for digest in batch if digest not in told and (row := _row(session, digest)) is not None]
        if rows:
            writers.write_public(PIECES, pa.RecordBatch.from_pylist(rows, schema=PIECES.arrow))


def _large(session: Session, derivatives: Derivatives) -> Iterator[Digest]:
    yield from session.journal.larger(session.crawl, LARGEST_UNPIECED)
    store = session.node.store
    for digest in derivatives.by_original.values():
        if store.contains(digest) and store.size(digest) > LARGEST_UNPIECED:
            yield digest


def _told(index: Index, digests: list[Digest]) -> set[Digest]:
    query = "SELECT digest FROM own_pieces WHERE digest IN (SELECT unnest(?))"
    return {Digest(row["digest"]) for row in index.rows(query, [[digest.raw for digest in digests]])}


def _row(session: Session, digest: Digest) -> dict[str, Any] | None:
    try:
        with session.node.store.open(digest) as stream:
            pieces = pieces_root(stream)
    except HashstoreError:
        return None  # lost or damaged: `verify` tells of it, and a crawl goes on
    return {"digest": digest.raw, "size": pieces.size, "piecesRoot": pieces.root.raw}
