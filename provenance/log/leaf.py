"""Leaves of a log: small canonical records that name a statement and its segments by digest (spec/log.md).

A leaf holds no personal data, so a log never has to be edited in order to forget. A leaf type never changes
its members: another shape takes another type, which older readers keep and relay as `UnknownLeaf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.access import AccessClass, segment_access
from provenance.errors import MalformedLeaf

LARGEST_LEAF = 1024


@dataclass(frozen=True, slots=True)
class StatementLeaf:
    """Says that the log's owner published this statement.

    Attributes:
        statement: the digest of the statement's exact signed bytes.
    """

    statement: Digest

    def encode(self) -> bytes:
        """The leaf's one written form (RFC 8785)."""
        return canonical_json({"type": "statement", "statement": self.statement.uri})


@dataclass(frozen=True, slots=True)
class SegmentLeaf:
    """Says that a segment belongs to a statement, and fixes the root over its rows.

    Attributes:
        statement: the statement that generated the segment.
        segment: the digest of the Parquet file.
        table: the table's name, such as `capture`.
        schema: the digest of the table's schema.
        rows: how many rows it has.
        rows_root: RFC 6962 root over the canonical rows.
        access: the one access class of all its rows.
    """

    statement: Digest
    segment: Digest
    table: str
    schema: Digest
    rows: int
    rows_root: Digest
    access: AccessClass

    def encode(self) -> bytes:
        """The leaf's one written form (RFC 8785)."""
        return canonical_json(
            {
                "type": "segment",
                "statement": self.statement.uri,
                "segment": self.segment.uri,
                "table": self.table,
                "schema": self.schema.uri,
                "rows": self.rows,
                "rowsRoot": self.rows_root.uri,
                "access": self.access.value,
            }
        )


@dataclass(frozen=True, slots=True)
class UnknownLeaf:
    """A leaf of a type that this version does not know; it is kept and relayed as it is.

    Attributes:
        kind: its `type`.
        raw: its bytes.
    """

    kind: str
    raw: bytes

    def encode(self) -> bytes:
        """The bytes as they came."""
        return self.raw


Leaf: TypeAlias = StatementLeaf | SegmentLeaf | UnknownLeaf


def decode_leaf(data: bytes) -> Leaf:
    """Reads a leaf; `decode_leaf(data).encode() == data` always holds.

    Raises:
        MalformedLeaf: the bytes are too many, not canonical JSON, or no complete leaf of their type.
    """
    if len(data) > LARGEST_LEAF:
        raise MalformedLeaf(f"A leaf has at most {LARGEST_LEAF} bytes; this one has {len(data)}.")
    try:
        document = parse_json(data)
        canonical = canonical_json(document)
    except HashstoreError as error:
        raise MalformedLeaf(f"The leaf is not JSON: {error}") from error
    if not isinstance(document, Mapping) or not isinstance(document.get("type"), str):
        raise MalformedLeaf("The leaf is no JSON object with a type.")
    if canonical != data:
        raise MalformedLeaf("The leaf is not in canonical form (RFC 8785).")
    leaf = _from_document(document, data)
    if leaf.encode() != data:
        raise MalformedLeaf(
            f"The leaf of type {document['type']!r} has members that this type does not have."
        )
    return leaf


def _from_document(document: Mapping[str, Json], data: bytes) -> Leaf:
    kind = str(document["type"])
    try:
        if kind == "statement":
            return StatementLeaf(_digest(document, "statement"))
        if kind == "segment":
            return SegmentLeaf(
                statement=_digest(document, "statement"),
                segment=_digest(document, "segment"),
                table=_text(document, "table"),
                schema=_digest(document, "schema"),
                rows=_count(document, "rows"),
                rows_root=_digest(document, "rowsRoot"),
                access=segment_access(_text(document, "access")),
            )
    except (HashstoreError, ValueError) as error:
        raise MalformedLeaf(f"The leaf of type {kind!r} is incomplete or damaged: {error}") from error
    return UnknownLeaf(kind, data)


def _text(document: Mapping[str, Json], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing or no text")
    return value


def _digest(document: Mapping[str, Json], name: str) -> Digest:
    return Digest.parse(_text(document, name))


def _count(document: Mapping[str, Json], name: str) -> int:
    value = document.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is missing or no count")
    return value
