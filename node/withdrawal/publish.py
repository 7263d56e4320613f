"""Take something back: new segments without its rows, a signed notice, one append to the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from hashstore.blobstore import Sealed, add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import SegmentWriter
from manifests.source_row import SourceRow
from manifests.tables import TABLES, schema_by_digest
from node.compose import Node
from node.errors import NodeError, NotFound
from node.index import OWN_LOG, Index
from node.index.replaced import withdrawals_in
from node.look.access import access_of
from node.look.resolve import resolve
from node.look.things import BlobThing, Thing
from node.track.finish import leaves_of
from node.withdrawal.account import names_of
from node.withdrawal.deletion import decide, delete_bytes
from node.withdrawal.notices import notices_of
from node.withdrawal.targets import Taken, taken_with
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds.withdrawal import Choice, Reason, Replacement, Withdrawal
from provenance.withdrawal import remaining_rows, superseded

_BATCH = 10_000
# An image may have thousands of findings; a notice numbers the rows that go, and has to fit into a statement.
_OF_ANALYSES = ("analysis", "finding")
_MOST_OMITTED = 50_000


@dataclass(frozen=True, slots=True)
class Withdrew:
    """What a withdrawal came to.

    Attributes:
        statement: IRI of the notice.
        names: What it names.
        rows: How many of this node's rows are hidden by it.
        segments: How many segments are no longer served.
        deleted: How many blobs were removed.
        archives: Published files in which the rows were read and that are still shown.
    """

    statement: str
    names: tuple[str, ...]
    rows: int
    segments: int
    deleted: int = 0
    archives: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator asks for.

    Attributes:
        what: The identifier, as typed.
        reason: A code.
        description: The reason in words; public.
        delete: Whether the bytes go as well.
        of_others: Whether the notice is made although this node did not publish the thing.
    """

    what: str
    reason: Reason
    description: str = ""
    delete: bool = False
    of_others: bool = False


def withdraw(node: Node, order: Order) -> Withdrew:
    """Take something back that this node published.

    Killed before the append, nothing has happened; killed after it, the next command goes on from there.

    Raises:
        NotFound: nothing here answers to it, or this node did not publish it.
        NodeError: it is withdrawn already, or of a kind that cannot be.
    """
    with node.writing():
        with node.index() as index:
            taken = _taken(node, index, order)
            replacements, sealed, dropped = _superseding(node, index, taken)
            archives = tuple(_archives(index, taken))
        notice = Withdrawal(
            id=new_statement_id(),
            agent=node.identity.public,
            made=datetime.now(UTC),
            targets=tuple(taken.names),
            reason=order.reason,
            description=order.description,
            replacements=replacements,
            dropped=dropped,
        )
        node.store.commit(sealed)
        publish(node, issue(notice.document(), node.identity, notice.made))
        deleted = 0
        if order.delete:
            decide(node, notice.id, Choice.DELETE, "")
            deleted = delete_bytes(node)
    rows = sum(len(found) for found in taken.rows.values())
    return Withdrew(notice.id, tuple(taken.names), rows, len(replacements) + len(dropped), deleted, archives)


def publish(node: Node, statement: Statement) -> None:
    """Keep a statement and append it to the log, with its segments; the caller holds the writer lock."""
    add_bytes(node.store, statement.raw)
    node.log.append([leaf.encode() for leaf in leaves_of(statement)])
    with node.index():
        pass  # opening it brings it up to the log


def _taken(node: Node, index: Index, order: Order) -> Taken:
    thing = resolve(node, index, order.what)
    access = access_of(index, thing)
    if access is AccessClass.WITHDRAWN and _told_already(node, index, thing):
        raise NodeError("This is withdrawn already.")
    if access is AccessClass.WITHHELD:
        raise NodeError("This is withheld by your settings and was never public: a notice would tell of it.")
    taken = taken_with(index, thing)
    if not taken and not order.of_others:
        raise NotFound(
            "This node did not publish that, so it cannot take it back. To decide what is done with it here: "
            "vasculum withdrawals decide. If others named you as an authority: --of-others"
        )
    return taken


def _told_already(node: Node, index: Index, thing: Thing) -> bool:
    """Whether this node itself has taken it back; after an authority's notice it may have to follow."""
    own = node.config.identity.origin
    names = names_of(thing)
    return any(
        notice.log == own and names.intersection(notice.withdrawal.targets)
        for notice in notices_of(index, own)
    )


def _archives(index: Index, taken: Taken) -> Iterator[Digest]:
    """Files that hold the very lines, and that everybody may still fetch."""
    found = set[Digest]()
    for log_index, rows in taken.rows.items():
        leaf = index.one("SELECT table_name FROM own_leaf WHERE log_index = ?", [log_index])
        if leaf is None or "sourceRow" not in TABLES[leaf["table_name"]].names:
            continue
        query = (
            f"SELECT DISTINCT sourceRow FROM own_{leaf['table_name']} "
            "WHERE log_index = ? AND row IN (SELECT unnest(?)) AND sourceRow IS NOT NULL"
        )
        for row in index.rows(query, [log_index, sorted(rows)]):
            found.add(SourceRow.parse(row["sourceRow"]).file.digest)
    yield from (one for one in sorted(found) if access_of(index, BlobThing(one)) is AccessClass.PUBLIC)


def _superseding(
    node: Node, index: Index, taken: Taken
) -> tuple[tuple[Replacement, ...], list[Sealed], tuple[Digest, ...]]:
    """New segments for those that lose rows, and the segments of which nothing is left."""
    replacements: list[Replacement] = []
    sealed: list[Sealed] = []
    dropped = list(taken.segments.values())
    before, room = superseded(withdrawals_in(index.connection, OWN_LOG)), _MOST_OMITTED
    for log_index, rows in sorted(taken.rows.items()):
        leaf = index.one("SELECT * FROM own_leaf WHERE log_index = ?", [log_index])
        assert leaf is not None
        old, table = Digest(leaf["segment"]), leaf["table_name"]
        query = f"SELECT row FROM own_{table} WHERE log_index = ? AND access = 'withdrawn'"
        omitted = rows | {row["row"] for row in index.rows(query, [log_index])}
        earlier = before.get(old)
        omitted |= set(earlier.omitted) if earlier is not None else set()
        if table in _OF_ANALYSES and len(omitted) < leaf["row_count"]:
            if len(omitted) > room:
                continue  # they are hidden by the bytes that they are about, which the notice names
            room -= len(omitted)
        if len(omitted) >= leaf["row_count"]:
            dropped += [old] if earlier is None else [old, earlier.segment.digest]
            continue
        made, blob = _without(node, leaf["schema"], old, leaf["row_count"], omitted, earlier)
        replacements.append(made)
        sealed.append(blob)
    return tuple(replacements), sealed, tuple(dropped)


def _without(
    node: Node, schema: bytes, old: Digest, rows: int, omitted: set[int], earlier: Replacement | None
) -> tuple[Replacement, Sealed]:
    """The segment again without some rows, read from whatever of it is still here."""
    numbers: Iterable[int] = range(1, rows + 1)
    source = old
    if not node.store.contains(old) and earlier is not None:
        numbers, source = remaining_rows(earlier, rows), earlier.segment.digest
    table, stay = schema_by_digest(Digest(schema)), [number not in omitted for number in numbers]
    with ExitStack() as stack:
        writer = stack.enter_context(SegmentWriter(node.store, table, AccessClass.PUBLIC))
        file = stack.enter_context(pq.ParquetFile(node.store.path(source)))
        at = 0
        for batch in file.iter_batches(_BATCH):
            kept = batch.filter(pa.array(stay[at : at + batch.num_rows], pa.bool_()))
            at += batch.num_rows
            if kept.num_rows:
                writer.write(kept.select(list(table.names)).cast(table.arrow))
        [(segment, sealed)] = writer.finish()
    return Replacement(segment, old, tuple(sorted(omitted))), sealed
