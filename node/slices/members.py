"""Which images a filter names at one state of the logs (spec/slices.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.errors import UnknownSchema
from manifests.filter import Filter
from manifests.filter.fields import EVENT_DATE, Column
from manifests.members import MemberList
from manifests.tables import CAPTURE, MEDIA, SPECIMEN, schema_by_digest
from node.errors import SliceError
from node.index import Index
from node.slices.columns import alias, compared, dated
from node.slices.compile import Compiled, compile_filter, looked_up

# What stands in the logs up to their sizes. Only public rows count, and only public rows retire others: so
# the node that withholds some comes to the same members as those that never see them.
_STATE = """
state AS (SELECT unnest($logs::INTEGER[]) AS log, unnest($sizes::BIGINT[]) AS upto),
captured AS (
    SELECT log, source, url,
           arg_max(coalesce(digest, lastKnown), log_index * 1048576 + row) AS digest
    FROM capture JOIN state USING (log)
    WHERE log_index < upto AND access = 'public' AND role = 'image'
      AND coalesce(digest, lastKnown) IS NOT NULL
    GROUP BY log, source, url
),
said_media AS (
    SELECT media.* FROM media JOIN state USING (log) WHERE log_index < upto AND access = 'public'
),
""" + "".join(
    f"""
retired_{table} AS (
    SELECT later.log, leaf.log_index, TRY_CAST(split_part(later.revisionOf, '#row=', 2) AS BIGINT) AS row
    FROM {table} later JOIN state ON state.log = later.log
    JOIN leaf ON leaf.log = later.log AND leaf.kind = 'segment'
     AND 'hash://sha256/' || lower(hex(leaf.segment)) = split_part(later.revisionOf, '#', 1)
    WHERE later.log_index < upto AND leaf.log_index < upto AND later.access = 'public'
      AND later.revisionOf IS NOT NULL
),
current_{table} AS (
    SELECT t.*,
           CASE WHEN id IS NOT NULL THEN 'i' || id
                WHEN sourceRow IS NOT NULL THEN 'r' || sourceRow END AS record
    FROM {table} t JOIN state USING (log) ANTI JOIN retired_{table} USING (log, log_index, row)
    WHERE log_index < upto AND access = 'public' AND change IS DISTINCT FROM 'removed'
),"""
    for table in ("media", "specimen")
)
_ADDRESSES = (
    "(SELECT log, source, {columns} unnest([trim(accessURI, ' '), trim(identifier, ' ')]) AS url FROM {rows})"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """A log of the index and how many of its leaves count."""

    log: int
    size: int


def resolve_members(index: Index, tree: Filter, extents: tuple[Extent, ...]) -> MemberList:
    """The images that a filter names.

    Args:
        index: The open index, which must have applied at least so many leaves of each log.
        tree: The filter.
        extents: The logs and sizes of the state.

    Raises:
        SliceError: a log has public rows of a schema that is not known here: the members would differ.
        IndexUnusable: DuckDB refuses.
    """
    for extent in extents:
        _check_schemas(index, extent)
    query, parameters = _query(compile_filter(tree), extents)
    cursor = index.connection.cursor()
    try:
        cursor.execute(query, parameters)
        found = []
        while rows := cursor.fetchmany(100_000):
            found.append(b"".join(digest for (digest,) in rows))
        return MemberList(b"".join(found))
    finally:
        cursor.close()


def _query(compiled: Compiled, extents: tuple[Extent, ...]) -> tuple[str, Mapping[str, object]]:
    columns = sorted(compiled.columns)
    query = f"WITH {_STATE} {_unit(columns)}, {chosen(compiled, 'unit', 'digest')} ORDER BY digest"
    logs, sizes = [extent.log for extent in extents], [extent.size for extent in extents]
    return query, {"logs": logs, "sizes": sizes, **compiled.parameters}


def chosen(compiled: Compiled, unit: str, column: str) -> str:
    """The end of a query: further relations, then the values of a column of `unit` where the filter holds."""
    dates = dated(unit) if EVENT_DATE in compiled.columns else f"SELECT * FROM {unit}"
    return (
        f"dated AS ({dates}), asked AS ({looked_up(compiled, 'dated')}) "
        f"SELECT DISTINCT {column} FROM asked WHERE {compiled.condition}"
    )


def _unit(columns: list[Column]) -> str:
    """One row for each picture under each of the records that show it."""
    tables = {"media": "m", "specimen": "s"}
    selected = "".join(f", {compared(c, tables[c.table])} AS {alias(c)}" for c in columns)
    nothing = "".join(f", NULL::VARCHAR AS {alias(column)}" for column in columns)
    media = {column.name for column in columns if column.table == "media"}
    names = ", ".join(["record", *sorted(media)]) + ", "
    shown = _ADDRESSES.format(columns=names, rows="current_media")
    ever = _ADDRESSES.format(columns="", rows="said_media")
    specimen = ""
    if any(column.table == "specimen" for column in columns):
        specimen = (
            "LEFT JOIN current_specimen s ON s.log = m.log AND s.source = m.source AND s.record = m.record"
        )
    return f"""
unit AS (
    SELECT c.digest{selected} FROM captured c JOIN {shown} m USING (log, source, url) {specimen}
    UNION ALL
    SELECT c.digest{nothing} FROM captured c ANTI JOIN {ever} e USING (log, source, url)
)"""


def _check_schemas(index: Index, extent: Extent) -> None:
    """Rows of a schema that this version cannot read would be missing here, and nowhere else."""
    rows = index.rows(
        "SELECT DISTINCT table_name, schema FROM leaf WHERE log = ? AND log_index < ? AND kind = 'segment' "
        "AND access = 'public' AND table_name IN (?, ?, ?)",
        [extent.log, extent.size, CAPTURE.name, MEDIA.name, SPECIMEN.name],
    )
    for row in rows:
        try:
            schema_by_digest(Digest(row["schema"]))
        except UnknownSchema as error:
            raise SliceError(
                f"The log has {row['table_name']} rows of a newer schema, so its members cannot be told: "
                f"{error}. Update vasculum, then rebuild the index."
            ) from error
