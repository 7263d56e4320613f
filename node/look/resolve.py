"""From what a person typed to the thing it names."""

from __future__ import annotations

import re
from typing import Any

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from manifests.row_uri import RowUri
from manifests.tables import TABLES
from node.compose import Node
from node.errors import AmbiguousIdentifier, NotFound
from node.index import Index
from node.look.access import is_withdrawn
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing

_PREFIX = re.compile(r"(?:hash://sha256/)?([0-9a-fA-F]{8,63})")
_SHORT = re.compile(r"[0-9a-fA-F]{1,7}")
_TABLES_WITH_SOURCE_ROWS = ("specimen", "media", "record", "quarantine")
SNAPSHOT = "snapshot"
_NAMED = (
    "SELECT digest FROM capture WHERE digest BETWEEN ? AND ? "
    "UNION SELECT derivative FROM finding WHERE derivative BETWEEN ? AND ?"
)
_IS_NAMED = (
    "SELECT 1 FROM capture WHERE digest = ? UNION ALL SELECT 1 FROM finding WHERE derivative = ? LIMIT 1"
)
# The node's own log comes first: what stands in several logs is told of, and cited, by one's own.
_FIRST = "ORDER BY log, log_index LIMIT 1"
_STATEMENT = "SELECT digest, iri, kind, log, log_index FROM statement WHERE"
_SEGMENT = f"SELECT table_name, row_count, log, log_index FROM leaf WHERE segment = ? {_FIRST}"


def resolve(node: Node, index: Index, text: str) -> Thing:
    """Find what an identifier names.

    Args:
        node: The node that is asked.
        index: Its open index.
        text: Any form of a digest, an unambiguous prefix of 8 or more hex digits, a row URI, a
            source row (`line:...`), the IRI of a statement (`urn:uuid:...`), or `snapshot` for the
            newest state of the log.

    Raises:
        NotFound: nothing here answers to it.
        AmbiguousIdentifier: the prefix fits more than one digest.
    """
    text = text.strip()
    if text == SNAPSHOT:
        return _snapshot(node)
    if text.startswith("urn:uuid:"):
        return _statement(index, "iri = ?", text, text)
    if "#row=" in text:
        return _row(index, RowUri.parse(text))
    if text.startswith("line:"):
        return _source_row(index, text)
    return _by_digest(node, index, _digest(node, index, text))


def _digest(node: Node, index: Index, text: str) -> Digest:
    if prefix := _PREFIX.fullmatch(text):
        return _only(prefix[1].lower(), node, index)
    if _SHORT.fullmatch(text):
        raise AmbiguousIdentifier(f"{text} is too short: give at least 8 hex digits.")
    try:
        return Digest.parse(text)
    except MalformedDigest as error:
        raise NotFound(
            f"{text!r} is no identifier. Give a digest in any form (64 hex digits, hash://sha256/..., "
            "ni:///..., a CID, a multihash), 8 or more of its first hex digits, a row URI "
            "(hash://sha256/...#row=5), a line: address, the urn:uuid: of a statement, or snapshot. "
            "`vasculum ls` lists what there is."
        ) from error


def _only(prefix: str, node: Node, index: Index) -> Digest:
    found = set(node.store.with_prefix(prefix)) or _captured(prefix, index)
    snapshot = _snapshot(node).digest
    if snapshot.hex.startswith(prefix):
        found.add(snapshot)
    if not found:
        raise NotFound(f"Nothing in this node begins with {prefix}.")
    if len(found) > 1:
        names = "\n".join(f"  {digest.hex}" for digest in sorted(found)[:10])
        raise AmbiguousIdentifier(f"{prefix} fits {len(found)} things; give more digits:\n{names}")
    return found.pop()


def _captured(prefix: str, index: Index) -> set[Digest]:
    """Bytes that a log tells of and that are not here: they can be fetched by what a person reads."""
    bounds = [bytes.fromhex(prefix.ljust(64, digit)) for digit in "0f"]
    rows = index.rows(_NAMED, [*bounds, *bounds])
    return {Digest(row["digest"]) for row in rows}


def _by_digest(node: Node, index: Index, digest: Digest) -> Thing:
    raw = digest.raw
    if row := index.one(f"{_STATEMENT} digest = ? {_FIRST}", [raw]):
        return StatementThing(digest, row["iri"], row["kind"], row["log"], row["log_index"])
    if row := index.one(_SEGMENT, [raw]):
        return SegmentThing(digest, row["table_name"], row["row_count"], row["log"], row["log_index"])
    if digest == (snapshot := _snapshot(node)).digest:
        return snapshot
    if node.store.contains(digest) or index.one(_IS_NAMED, [raw, raw]):
        return BlobThing(digest)
    if is_withdrawn(index, digest):
        return BlobThing(digest)
    raise NotFound(f"This node knows nothing of {digest}.")


def _snapshot(node: Node) -> SnapshotThing:
    checkpoint = node.reader.checkpoint()
    if checkpoint is None:
        raise NotFound("The log of this node is empty.")
    return SnapshotThing(checkpoint.digest, checkpoint.head.size)


def _statement(index: Index, where: str, value: Any, text: str) -> StatementThing:
    row = index.one(f"{_STATEMENT} {where} {_FIRST}", [value])
    if row is None:
        raise NotFound(f"There is no statement {text} in any log that this node knows.")
    return StatementThing(Digest(row["digest"]), row["iri"], row["kind"], row["log"], row["log_index"])


def _row(index: Index, uri: RowUri) -> RowThing:
    leaf = index.one(_SEGMENT, [uri.segment.raw])
    if leaf is None:
        raise NotFound(f"This node has no segment {uri.segment}.")
    if uri.row > leaf["row_count"]:
        raise NotFound(f"Segment {uri.segment} ends at row {leaf['row_count']}; there is no row {uri.row}.")
    table, place = leaf["table_name"], [leaf["log"], leaf["log_index"]]
    where = "WHERE log = ? AND log_index = ? AND row = ?"
    known = table in TABLES and index.one(f"SELECT 1 FROM {table} {where}", [*place, uri.row]) is not None
    if not known and not is_withdrawn(index, uri.segment, uri.row):
        raise NotFound(f"{uri} is a row of a table ({table}) that this version of vasculum cannot read.")
    return RowThing(uri, table, *place)


def _source_row(index: Index, text: str) -> RowThing:
    for table in _TABLES_WITH_SOURCE_ROWS:
        query = (
            f"SELECT t.row, t.log, t.log_index, leaf.segment FROM {table} t JOIN leaf USING (log, log_index) "
            "WHERE t.sourceRow = ? ORDER BY t.log, t.current DESC, t.log_index DESC LIMIT 1"
        )
        if row := index.one(query, [text]):
            return RowThing(RowUri(Digest(row["segment"]), row["row"]), table, row["log"], row["log_index"])
    raise NotFound(f"No row of this node came from {text}.")
