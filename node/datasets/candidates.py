"""What the rows at one state of the logs say of each image that a filter names: a query, and its reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from hashstore.digest import Digest
from manifests.citing.thing import one_line
from manifests.dataset.attribution import credit
from manifests.dataset.candidate import Candidate
from manifests.dataset.recipe import label_table
from manifests.filter import Filter
from manifests.row_uri import RowUri
from node.index import Index
from node.index.ddl import quoted
from node.slices.compile import chosen, compile_filter
from node.slices.gone import Extent, check_whole, gone_within
from node.slices.members import ADDRESSES, STATE, found_by, state_parameters, tables_read, unit_of

_BATCH = 2_000
_PLAIN = "application/octet-stream"


def _known(*values: str) -> str:
    """The first of some values that is there and not blank."""
    return "coalesce(" + ", ".join(f"nullif(trim({value}, ' '), '')" for value in values) + ")"


_YEAR = (
    "coalesce(s.interpretedYear, TRY_CAST(regexp_extract(s.year, '^ *([0-9]{4}) *$', 1) AS BIGINT), "
    "TRY_CAST(regexp_extract(s.eventDate, '^ *([0-9]{4})', 1) AS BIGINT))"
)
# In the order of manifests.dataset.candidate.FACETS.
_FACETS = (
    _known("s.interpretedCountryCode", "upper(s.countryCode)", "s.country"),
    f"CAST({_YEAR} // 10 * 10 AS VARCHAR)",
    _known('s."class"'),
    _known("s.family"),
    _known("s.institutionCode", "s.institutionID"),
    _known("s.interpretedTypeStatus", "s.typeStatus"),
)
# Which row is taken where several show an image: the first by the log's name, then by its place there.
_TAKEN = """
named AS (
    SELECT unnest($logs::INTEGER[]) AS log, unnest($names::VARCHAR[]) AS origin,
           generate_subscripts($logs::INTEGER[], 1) AS rank
),
taken AS (
    SELECT digest, log, log_index, row FROM picked LEFT JOIN named USING (log)
    QUALIFY row_number() OVER (PARTITION BY digest ORDER BY rank NULLS LAST, log_index, row) = 1
),
received AS (
    SELECT digest, max(size) AS size,
           min(nullif(lower(trim(split_part(mediaType, ';', 1), ' ')), '')) AS media_type
    FROM said_capture WHERE digest IS NOT NULL GROUP BY digest
),
pictured AS (
    SELECT digest, min(least(width, height)) AS side, min(lower(hex(pixelDigest))) AS pixels
    FROM picture JOIN state USING (log) WHERE log_index < upto AND access <> 'withheld' GROUP BY digest
)"""
# All that shows the image, whether the filter asks for it or not: what hangs together, and what contradicts.
_AROUND = """
around AS (
    SELECT c.digest, list(DISTINCT origin || chr(10) || m.source || chr(10) || m.record) AS specimens,
           list(DISTINCT s.gatheringKey) AS gatherings, list(DISTINCT m.licenseSPDX) AS licenses,
           bool_or(coalesce(list_contains(string_split(m.qualityFlags, ' '), 'LICENSE_CONTRADICTORY'), false))
               AS contradictory,
           bool_or(m.access <> 'public' OR coalesce(s.access, 'public') <> 'public') AS hidden
    FROM captured c SEMI JOIN taken USING (digest)
    JOIN {shown} m USING (log, source, url) JOIN named USING (log)
    LEFT JOIN current_specimen s ON s.log = m.log AND s.source = m.source AND s.record = m.record
    GROUP BY c.digest
)"""
_TOLD = """
SELECT t.digest, received.size, received.media_type, m.creator, m.rightsHolder, m.credit, m.owner,
       s.institutionCode, {label} AS label, ml.segment AS media_segment, m.row AS media_row,
       sl.segment AS specimen_segment, s.row AS specimen_row, a.specimens, a.gatherings, a.licenses,
       a.contradictory, a.hidden, p.side, p.pixels, {facets}
FROM taken t JOIN received USING (digest)
LEFT JOIN around a USING (digest) LEFT JOIN pictured p ON p.digest = t.digest
LEFT JOIN current_media m ON m.log = t.log AND m.log_index = t.log_index AND m.row = t.row
LEFT JOIN current_specimen s ON s.log = m.log AND s.source = m.source AND s.record = m.record
LEFT JOIN leaf ml ON ml.log = m.log AND ml.log_index = m.log_index
LEFT JOIN leaf sl ON sl.log = s.log AND sl.log_index = s.log_index
QUALIFY row_number() OVER (PARTITION BY t.digest ORDER BY s.log_index, s.row) = 1
"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a filter named at a state, held by the database for as long as it is asked.

    Attributes:
        connection: Where the table of candidates is.
    """

    connection: duckdb.DuckDBPyConnection

    def candidates(self) -> Iterator[Candidate]:
        """Each image, in the order of digests; may be asked again, but not twice at once."""
        for row in self._rows("SELECT * FROM candidate ORDER BY digest"):
            yield _candidate(row)

    def hidden(self) -> list[Digest]:
        """The images of which a row is not public here any more."""
        rows = self._rows("SELECT digest FROM candidate WHERE hidden ORDER BY digest")
        return [Digest(row["digest"]) for row in rows]

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        cursor = self.connection.execute(query)
        names = [description[0] for description in cursor.description or ()]
        while rows := cursor.fetchmany(_BATCH):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


@contextmanager
def resolved_candidates(
    index: Index, tree: Filter, extents: tuple[Extent, ...], names: list[str], label_by: str | None
) -> Iterator[Resolved]:
    """Ask once what the rows say of the images that a filter names.

    Args:
        index: The open index, which must have applied at least so many leaves of each log.
        tree: The filter.
        extents: The logs and sizes of the state, sorted by the logs' names.
        names: These names.
        label_by: The column that gives labels.

    Raises:
        SliceError: rows that the members depend on are not here.
        RecipeRefused: there is no column of that name.
        duckdb.Error: the database refuses.
    """
    gone, compiled = gone_within(index, extents), compile_filter(tree)
    for extent in extents:
        check_whole(index, extent, gone, tables_read(compiled))
    units = unit_of(sorted(compiled.columns), placed=True)
    query = (
        f"CREATE TEMP TABLE candidate AS WITH {STATE} {found_by(compiled)}{units}, "
        f"picked AS (WITH {chosen(compiled, 'unit', 'digest, log, log_index, row')}), "
        f"{_TAKEN}, {_AROUND.format(shown=_shown())} {_told(label_by)}"
    )
    connection = index.connection.cursor()
    try:
        connection.execute(query, {**state_parameters(extents, gone), **compiled.values, "names": names})
        yield Resolved(connection)
    finally:
        connection.close()


def _shown() -> str:
    columns = "record, access, licenseSPDX, qualityFlags, "
    return ADDRESSES.format(columns=columns, rows="current_media")


def _told(label_by: str | None) -> str:
    table = None if label_by is None else {"specimen": "s", "media": "m"}[label_table(label_by)]
    label = "NULL" if label_by is None else f"{table}.{quoted(label_by)}"
    facets = ", ".join(f"{facet} AS facet{number}" for number, facet in enumerate(_FACETS))
    return _TOLD.format(label=label, facets=facets)


def _candidate(row: Mapping[str, Any]) -> Candidate:
    licenses = _texts(row["licenses"])
    contradictory = bool(row["contradictory"]) or len(licenses) > 1
    return Candidate(
        digest=Digest(row["digest"]),
        size=row["size"] or 0,
        media_type=one_line(row["media_type"] or "") or _PLAIN,
        media=_uri(row["media_segment"], row["media_row"]),
        specimen=_uri(row["specimen_segment"], row["specimen_row"]),
        license=None if contradictory or not licenses else licenses[0],
        contradictory=contradictory,
        creator=one_line(row["creator"] or "") or None,
        rights_holder=one_line(row["rightsHolder"] or "") or None,
        attribution=credit(row, row["institutionCode"]),
        label=one_line(row["label"] or "") or None,
        specimens=_texts(row["specimens"]),
        gatherings=_texts(row["gatherings"]),
        side=row["side"],
        pixels=row["pixels"],
        facets=tuple(one_line(row[f"facet{number}"] or "") or None for number in range(len(_FACETS))),
    )


def _texts(values: list[str | None] | None) -> tuple[str, ...]:
    return tuple(sorted(value for value in values or () if value is not None))


def _uri(segment: bytes | None, row: int | None) -> str | None:
    return None if segment is None or row is None else str(RowUri(Digest(segment), row))
