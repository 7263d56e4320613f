"""Proof that one row is in a segment: the row, and its path to the root (RFC 9162, section 2.1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.merkle import inclusion_path, leaf_hash, merkle_root, verify_inclusion
from manifests.errors import DamagedSegment, InvalidRowProof
from manifests.row import canonical_row
from manifests.schema import TableSchema
from manifests.segment.parquet import SegmentFile
from manifests.segment.reader import leaf_hashes, read_row
from manifests.segment.value import MAX_ROWS

_MEMBERS = frozenset({"row", "index", "size", "path", "rowsRoot"})


@dataclass(frozen=True, slots=True)
class RowProof:
    """A row and its path. It says nothing about who vouches for the root.

    Attributes:
        row: The canonical row.
        index: Its place in the segment, counted from 0.
        size: How many rows the segment has.
        path: Hashes (32 bytes each) from the row's sibling up.
        rows_root: The segment's root.
    """

    row: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    rows_root: Digest

    def document(self) -> Json:
        """The proof as JSON: the row as text, hashes in hex."""
        return {
            "row": self.row.decode(),
            "index": self.index,
            "size": self.size,
            "path": [step.hex() for step in self.path],
            "rowsRoot": self.rows_root.uri,
        }

    @classmethod
    def from_document(cls, document: Json) -> "RowProof":
        """Read what `document` gives; the proof is not yet verified.

        Raises:
            InvalidRowProof: It is no such document.
        """
        if not isinstance(document, Mapping) or document.keys() != _MEMBERS:
            raise InvalidRowProof(f"a row proof has just the members {', '.join(sorted(_MEMBERS))}")
        try:
            return cls(
                _text(document["row"]).encode(),
                _count(document["index"]),
                _count(document["size"]),
                tuple(_hash(step) for step in _list(document["path"])),
                Digest.parse(_text(document["rowsRoot"])),
            )
        except (HashstoreError, UnicodeEncodeError, ValueError) as error:
            raise InvalidRowProof(f"a row proof is malformed: {error}") from error


def prove_row(
    file: SegmentFile, schema: TableSchema, index: int, hashes: Sequence[bytes] | None = None
) -> RowProof:
    """Prove one row of a segment.

    Args:
        file: The segment.
        schema: The schema that it was written by.
        index: The row's place, counted from 0.
        hashes: Its leaf hashes, if they are at hand; computing them takes a pass over the whole segment.

    Raises:
        DamagedSegment: It is no segment of this schema, has no such row, or the hashes are not its own.
    """
    row = canonical_row(schema, read_row(file, schema, index))
    leaves = leaf_hashes(file, schema) if hashes is None else hashes
    if index >= len(leaves) or leaves[index] != leaf_hash(row):
        raise DamagedSegment(f"row {index + 1} does not have the hash that stands for it; check the segment")
    return RowProof(row, index, len(leaves), inclusion_path(leaves, index), Digest(merkle_root(leaves)))


def verify_row(proof: RowProof) -> None:
    """Check that the row is canonical and that its path leads to the root. Needs no segment.

    Raises:
        InvalidRowProof: It does not.
    """
    if not 1 <= proof.size <= MAX_ROWS:
        raise InvalidRowProof(f"a segment has 1 to {MAX_ROWS} rows, not {proof.size}")
    try:
        value = parse_json(proof.row)
        if not isinstance(value, Mapping) or canonical_json(value) != proof.row:
            raise InvalidRowProof("the row is not in canonical form (RFC 8785)")
        verify_inclusion(leaf_hash(proof.row), proof.index, proof.size, proof.path, proof.rows_root.raw)
    except HashstoreError as error:
        raise InvalidRowProof(f"row {proof.index + 1} is not proved: {error}") from error


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise InvalidRowProof(f"{value!r} should be a text")
    return value


def _count(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidRowProof(f"{value!r} should be a whole number")
    return value


def _list(value: Json) -> Sequence[Json]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        raise InvalidRowProof(f"{value!r} should be a list")
    return value


def _hash(value: Json) -> bytes:
    text = _text(value)
    raw = bytes.fromhex(text)
    if raw.hex() != text or len(raw) != 32:
        raise InvalidRowProof(f"{text!r} is no hash of 64 lower-case hex digits")
    return raw
