"""`cat`: the bytes of a thing, verified on the way out."""

from __future__ import annotations

import io
from typing import BinaryIO

from hashstore.digest import Digest
from manifests.row import canonical_row
from manifests.source_row import SourceRow
from manifests.tables import TABLES
from node.compose import Node
from node.errors import NotFound, Withdrawn
from node.index import Index
from node.index.ddl import quoted
from node.look.access import require
from node.look.resolve import resolve
from node.look.source_line import read_source_row
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing
from node.policy import Principal


def open_content(node: Node, index: Index, text: str, principal: Principal) -> BinaryIO:
    """Open the bytes that an identifier names.

    Raises:
        NotFound: nothing here answers to it, its bytes are not here, or policy refuses.
        Withdrawn: it was public once and has been taken back.
        CorruptBlob: its bytes have changed; of a whole blob this shows only at its end.
    """
    if text.startswith("line:"):
        return io.BytesIO(_line(node, index, SourceRow.parse(text), principal))
    thing = resolve(node, index, text)
    require(index, thing, principal)
    if principal is Principal.PUBLIC and isinstance(thing, BlobThing):
        _refuse_hidden_parts(node, index, thing.digest)
    match thing:
        case BlobThing(digest) | StatementThing(digest) | SegmentThing(digest):
            if not node.store.contains(digest):
                raise NotFound(f"This node knows {digest}, but does not hold its bytes.")
            return node.store.open(digest)
        case RowThing():
            return io.BytesIO(_row(index, thing))
        case SnapshotThing():
            return io.BytesIO(node.reader.signed_checkpoint() or b"")


def _refuse_hidden_parts(node: Node, index: Index, digest: Digest) -> None:
    """What repeats rows in a dataset is not for the public any more, where one of these is withdrawn."""
    from node.datasets.hidden import hidden_blobs

    if digest in hidden_blobs(node, index):
        raise Withdrawn("It tells of members of a dataset that were withdrawn, and so is not shown any more.")


def _row(index: Index, thing: RowThing) -> bytes:
    schema = TABLES[thing.table]
    columns = ", ".join(quoted(name) for name in schema.names)
    query = f"SELECT {columns} FROM {thing.table} WHERE log = ? AND log_index = ? AND row = ?"
    row = index.one(query, [thing.log, thing.log_index, thing.uri.row])
    if row is None:
        raise Withdrawn(f"{thing.uri} was withdrawn, and its values were deleted here.")
    return canonical_row(schema, row)


def _line(node: Node, index: Index, address: SourceRow, principal: Principal) -> bytes:
    container = BlobThing(address.file.digest)
    require(index, container, principal)
    if not node.store.contains(container.digest):
        raise NotFound(f"This node does not hold {container.digest}, the file in which that line stands.")
    _check(node, container.digest)
    return read_source_row(node.store.path(container.digest), address)


def _check(node: Node, digest: Digest) -> None:
    """Hash a file before a part of it is given out: a line out of changed bytes would look like any other."""
    with node.store.open(digest) as file:
        while file.read(1 << 20):
            pass
