"""What the logs of a state took back within it, and whether all the rest of their rows is here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError, UnknownSchema
from manifests.row_uri import RowUri
from manifests.tables import ANNOTATION, CAPTURE, FINDING, MEDIA, REVIEW, SPECIMEN, schema_by_digest
from node.errors import SliceError
from node.index import Index
from node.slices.revoked import check_not_revoked
from provenance.errors import ProvenanceError
from provenance.statement import Statement
from provenance.statement.kinds.withdrawal import read_withdrawal

TABLES_READ = (CAPTURE.name, MEDIA.name, SPECIMEN.name)
_GO_WITH_BYTES = (CAPTURE.name, FINDING.name, ANNOTATION.name, REVIEW.name)


@dataclass(frozen=True, slots=True)
class Extent:
    """A log of the index and how many of its leaves count."""

    log: int
    size: int


@dataclass(slots=True)
class Gone:
    """What notices in the logs themselves withdrew: three columns of equal length.

    Attributes:
        logs: Whose content it was.
        digests: Bytes, or a segment.
        rows: A row of that segment; 0 for all of it, or for bytes.
    """

    logs: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, log: int, digest: Digest, row: int = 0) -> None:
        """Take in one thing that a log took back."""
        self.logs.append(log)
        self.digests.append(digest.raw)
        self.rows.append(row)


def gone_within(index: Index, extents: tuple[Extent, ...]) -> Gone:
    """What each log itself took back before its size in the state.

    Notices of others, of authorities too, depend on what an operator decided, and so do not count here.
    """
    found = Gone()
    query = "SELECT iri, document FROM statement WHERE kind = 'Withdrawal' AND log = ? AND log_index < ?"
    for extent in extents:
        for row in index.rows(query, [extent.log, extent.size]):
            try:
                notice = read_withdrawal(Statement(row["document"].encode(), row["iri"]))
            except ProvenanceError:
                continue
            for text in notice.targets:
                _add(found, extent.log, text)
            for digest in notice.dropped:
                found.add(extent.log, digest)
    return found


def _add(found: Gone, log: int, text: str) -> None:
    try:
        if "#" in text:
            uri = RowUri.parse(text)
            found.add(log, uri.segment, uri.row)
        else:
            found.add(log, Digest.parse(text))
    except (HashstoreError, ManifestError):
        return  # what it names is nothing that this version knows


_LEAVES = """
SELECT leaf.log, leaf.log_index, leaf.table_name, leaf.schema, leaf.segment, leaf.row_count FROM leaf
JOIN statement ON statement.log = leaf.log AND statement.digest = leaf.statement
WHERE leaf.log = ? AND leaf.log_index < ? AND leaf.access <> 'withheld' AND statement.kind <> 'Withdrawal'
  AND leaf.table_name IN (SELECT unnest(?))
"""
_ROWS = "SELECT log_index, count(*) AS n FROM {table} WHERE log = ? AND log_index < ? GROUP BY log_index"
_GONE = """
SELECT log_index, count(*) AS n FROM {table} JOIN leaf USING (log, log_index)
JOIN (SELECT unnest(?::BLOB[]) AS segment, unnest(?::BIGINT[]) AS number) g USING (segment)
WHERE log = ? AND log_index < ? AND number = row GROUP BY log_index
"""


def check_whole(index: Index, extent: Extent, gone: Gone, tables: tuple[str, ...] = TABLES_READ) -> None:
    """Check that the index has every public row that the members depend on, in some tables.

    A row that is missing, since it was withdrawn and deleted later, was taken back by the revocation of a
    key, or came in a schema that this version does not know, would give other members here than elsewhere.

    Raises:
        SliceError: rows are missing.
    """
    check_not_revoked(index, extent)
    present = {
        table: Counter({r["log_index"]: r["n"] for r in index.rows(_ROWS.format(table=table), _of(extent))})
        for table in tables
    }
    mine = [(d, r) for log, d, r in zip(gone.logs, gone.digests, gone.rows, strict=True) if log == extent.log]
    dropped = {digest for digest, row in mine if row == 0}
    named = Counter(digest for digest, row in set(mine) if row)
    listed = [[digest for digest, row in set(mine) if row], [row for _, row in set(mine) if row]]
    still = {
        table: Counter(
            {r["log_index"]: r["n"] for r in index.rows(_GONE.format(table=table), [*listed, *_of(extent)])}
        )
        for table in tables
    }
    deleted = _has_deleted_rows(index, dropped)
    for leaf in index.rows(_LEAVES, [*_of(extent), list(tables)]):
        table, place, segment = leaf["table_name"], leaf["log_index"], leaf["segment"]
        _check_schema(table, Digest(leaf["schema"]))
        if segment in dropped or (deleted and table in _GO_WITH_BYTES):
            continue
        lacking = leaf["row_count"] - named[segment] - (present[table][place] - still[table][place])
        if lacking > 0:
            raise SliceError(
                f"{lacking} {table} rows of the log were withdrawn after this state, and are not here. "
                "So its members cannot be told from the rows; bring their list."
            )


def _has_deleted_rows(index: Index, taken_back: set[bytes]) -> bool:
    """Whether rows about bytes that the log itself took back were deleted: no count tells of those."""
    rows = index.rows("SELECT DISTINCT digest FROM withdrawn WHERE row IS NULL AND deletes")
    return any(row["digest"] in taken_back for row in rows)


def _of(extent: Extent) -> list[int]:
    return [extent.log, extent.size]


def _check_schema(table: str, schema: Digest) -> None:
    try:
        schema_by_digest(schema)
    except UnknownSchema as error:
        raise SliceError(
            f"The log has {table} rows of a newer schema, so its members cannot be told: {error}. "
            "Update vasculum, then rebuild the index."
        ) from error
