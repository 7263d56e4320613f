"""What a withdrawal of one thing takes along: the rows that tell of it, and every version of a record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from hashstore.digest import Digest
from manifests.row_uri import RowUri
from manifests.tables import TABLES
from node.errors import NodeError
from node.index import Index
from node.look.things import BlobThing, RowThing, SegmentThing, StatementThing, Thing
from node.withdrawal.made import gone_with

_OF_BLOB = (
    "SELECT log_index, row FROM own_capture WHERE (digest = $digest OR lastKnown = $digest) "
    "AND access <> 'withheld' "
    # What it looks like, and what was found in it, would tell of it, too.
    "UNION ALL SELECT log_index, row FROM own_picture WHERE digest = $digest AND access <> 'withheld' "
    "UNION ALL SELECT log_index, row FROM own_analysis WHERE digest = $digest AND access <> 'withheld' "
    "UNION ALL SELECT log_index, row FROM own_finding "
    "WHERE (digest = $digest OR derivative = $digest) AND access <> 'withheld' "
    # So would what people said of it.
    "UNION ALL SELECT log_index, row FROM own_annotation WHERE digest = $digest AND access <> 'withheld' "
    "UNION ALL SELECT log_index, row FROM own_review WHERE digest = $digest AND access <> 'withheld'"
)
_MOST_NAMED = 2_000  # of a limit of 10,000, so that a statement has room for more


@dataclass(slots=True)
class Taken:
    """What is taken back.

    Attributes:
        names: Digests and row URIs, as the statement names them.
        rows: Rows of this node's own public segments, by log index.
        segments: Whole segments, by log index.
    """

    names: list[str] = field(default_factory=list)
    rows: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    segments: dict[int, Digest] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.segments)


def taken_with(index: Index, thing: Thing) -> Taken:
    """Everything of this node's own that goes with a thing; nothing if it is none of its own.

    Raises:
        NodeError: it is of a kind that cannot be taken back.
    """
    match thing:
        case BlobThing(digest):
            return _bytes(index, digest)
        case RowThing(uri, table):
            return _versions(index, uri, table)
        case SegmentThing(digest):
            return _whole(index, digest)
        case StatementThing():
            raise NodeError("A statement cannot be taken back: it is part of what the log has signed.")
        case _:
            raise NodeError("A state of the log cannot be taken back; withdraw rows, segments or bytes.")


def _bytes(index: Index, digest: Digest) -> Taken:
    """Some bytes, and the pictures that were made out of them, with all that is said of these."""
    gone = (digest, *gone_with(index, digest))
    # Those beyond are hidden with what says that they were made (node/withdrawal/made.py).
    taken = Taken([one.uri for one in gone[:_MOST_NAMED]])
    for one in gone:
        for row in index.rows(_OF_BLOB, {"digest": one.raw}):
            taken.rows[row["log_index"]].add(row["row"])
    return taken


def _whole(index: Index, digest: Digest) -> Taken:
    taken = Taken([digest.uri])
    query = "SELECT log_index FROM own_leaf WHERE segment = ? AND access <> 'withheld'"
    for row in index.rows(query, [digest.raw]):
        taken.segments[row["log_index"]] = digest
    return taken


def _versions(index: Index, uri: RowUri, table: str) -> Taken:
    """A row with all that it changed and all that changed it: they repeat its values."""
    waiting, names, taken = [uri], set[str](), Taken()
    while waiting:
        found = waiting.pop()
        if str(found) in names:
            continue
        names.add(str(found))
        place = index.one("SELECT log_index FROM own_leaf WHERE segment = ?", [found.segment.raw])
        query = f"SELECT * FROM own_{table} WHERE log_index = ? AND row = ? AND access <> 'withheld'"
        row = index.one(query, [place["log_index"], found.row]) if place else None
        if place is not None and row is not None:
            taken.rows[place["log_index"]].add(found.row)
        if "change" in TABLES[table].names:
            waiting += _neighbours(index, table, found, row["revisionOf"] if row else None)
    taken.names = [str(uri), *sorted(names - {str(uri)})]
    return taken


def _neighbours(index: Index, table: str, uri: RowUri, earlier: str | None) -> list[RowUri]:
    later = index.rows(
        f"SELECT leaf.segment, t.row FROM own_{table} t JOIN own_leaf leaf USING (log_index) "
        "WHERE t.revisionOf = ?",
        [str(uri)],
    )
    found = [RowUri(Digest(row["segment"]), row["row"]) for row in later]
    return [*found, RowUri.parse(earlier)] if earlier else found
