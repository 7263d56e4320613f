"""Which images a filter names at one state of the logs (spec/slices.md)."""

from __future__ import annotations

from collections.abc import Mapping

from manifests.filter import Filter
from manifests.filter.fields import Column
from manifests.members import MemberList
from manifests.tables import FINDING
from node.index import Index
from node.slices.columns import alias, compared
from node.slices.compile import Compiled, chosen, compile_filter
from node.slices.findings import FINDING_TABLES, seen
from node.slices.gone import TABLES_READ, Extent, Gone, check_whole, gone_within

# What stands in the logs up to their sizes. Only rows that were published count, and only they retire others:
# so the node that withholds some comes to the same members as those that never see them. What was withdrawn
# later, or by others, still counts, since who knows of that differs from node to node.
_SAID = """
said_{table} AS (
    SELECT * FROM (
        SELECT {table}.* FROM {table} JOIN state USING (log) WHERE log_index < upto AND access <> 'withheld'
    ) AS said ANTI JOIN gone_segments USING (log, log_index)
    ANTI JOIN gone_rows USING (log, log_index, row){of_bytes}
),"""
STATE = (
    """
state AS (SELECT unnest($logs::INTEGER[]) AS log, unnest($sizes::BIGINT[]) AS upto),
gone AS (
    SELECT unnest($gone_logs::INTEGER[]) AS log, unnest($gone_digests::BLOB[]) AS digest,
           unnest($gone_rows::BIGINT[]) AS number
),
gone_rows AS (
    SELECT leaf.log, leaf.log_index, gone.number AS row FROM gone
    JOIN leaf ON leaf.log = gone.log AND leaf.segment = gone.digest
),
gone_segments AS (SELECT log, log_index FROM gone_rows WHERE row = 0),
gone_bytes AS (SELECT log, digest AS bytes FROM gone WHERE number = 0),
"""
    + "".join(_SAID.format(table=table, of_bytes="") for table in TABLES_READ)
    + """
captured AS (
    SELECT log, source, url, arg_max(bytes, log_index * 1048576 + row) AS digest FROM (
        SELECT *, coalesce(digest, lastKnown) AS bytes FROM said_capture
        WHERE role = 'image' AND bytes IS NOT NULL
    ) ANTI JOIN gone_bytes USING (log, bytes)
    GROUP BY log, source, url
),
"""
    + "".join(
        f"""
retired_{table} AS (
    SELECT later.log, leaf.log_index, TRY_CAST(split_part(later.revisionOf, '#row=', 2) AS BIGINT) AS row
    FROM said_{table} later JOIN state ON state.log = later.log
    JOIN leaf ON leaf.log = later.log AND leaf.kind = 'segment' AND leaf.log_index < upto
     AND 'hash://sha256/' || lower(hex(leaf.segment)) = split_part(later.revisionOf, '#', 1)
    WHERE later.revisionOf IS NOT NULL
),
current_{table} AS (
    SELECT t.*,
           CASE WHEN id IS NOT NULL THEN 'i' || id
                WHEN sourceRow IS NOT NULL THEN 'r' || sourceRow END AS record
    FROM said_{table} t ANTI JOIN retired_{table} USING (log, log_index, row)
    WHERE change IS DISTINCT FROM 'removed'
),"""
        for table in ("media", "specimen")
    )
)
ADDRESSES = (
    "(SELECT log, source, {columns} unnest([trim(accessURI, ' '), trim(identifier, ' ')]) AS url FROM {rows})"
)


def resolve_members(index: Index, tree: Filter, extents: tuple[Extent, ...]) -> MemberList:
    """The images that a filter names.

    Args:
        index: The open index, which must have applied at least so many leaves of each log.
        tree: The filter.
        extents: The logs and sizes of the state.

    Raises:
        SliceError: rows that the members depend on are not here.
        IndexUnusable: DuckDB refuses.
    """
    gone, compiled = gone_within(index, extents), compile_filter(tree)
    for extent in extents:
        check_whole(index, extent, gone, tables_read(compiled))
    query, parameters = _query(compiled, extents, gone)
    cursor = index.connection.cursor()
    try:
        cursor.execute(query, parameters)
        found = []
        while rows := cursor.fetchmany(100_000):
            found.append(b"".join(digest for (digest,) in rows))
        return MemberList(b"".join(found))
    finally:
        cursor.close()


def _query(compiled: Compiled, extents: tuple[Extent, ...], gone: Gone) -> tuple[str, Mapping[str, object]]:
    columns = sorted(compiled.columns)
    units, named = unit_of(columns), chosen(compiled, "unit", "digest")
    query = f"WITH {STATE} {found_by(compiled)}{units}, {named} ORDER BY digest"
    return query, {**state_parameters(extents, gone), **compiled.values}


def tables_read(compiled: Compiled) -> tuple[str, ...]:
    """The tables on whose rows it depends what a filter names."""
    return TABLES_READ if compiled.of_findings is None else (*TABLES_READ, *FINDING_TABLES)


def found_by(compiled: Compiled, *, standing: bool = False) -> str:
    """Relations of the findings that a filter asks for, behind `STATE`; nothing if it asks for none.

    Args:
        compiled: The filter.
        standing: Whether to tell where each stands in the logs, too.
    """
    if compiled.of_findings is None:
        return ""
    said = "".join(_SAID.format(table=table, of_bytes=_of_bytes(table)) for table in FINDING_TABLES)
    return f"{said}{seen(compiled.of_findings.columns, standing=standing)},"


def _of_bytes(table: str) -> str:
    """What a log says of bytes that it took back goes with them, and so does what came with such bytes."""
    taken = " ANTI JOIN gone_bytes g ON g.log = {0}.log AND g.bytes = {0}.{1}"
    names = ("digest", "derivative") if table == FINDING.name else ("digest",)
    return "".join(taken.format("said", name) for name in names)


def state_parameters(extents: tuple[Extent, ...], gone: Gone) -> dict[str, object]:
    """The values that `STATE` asks for."""
    taken = {"gone_logs": gone.logs, "gone_digests": gone.digests, "gone_rows": gone.rows}
    return {"logs": [one.log for one in extents], "sizes": [one.size for one in extents], **taken}


def unit_of(columns: list[Column], *, placed: bool = False) -> str:
    """One row for each picture under each of the records that show it.

    Args:
        columns: What conditions ask of; as `alias` names them.
        placed: Whether to tell where the media row stands, too: `log`, `log_index`, `row`.
    """
    tables = {"media": "m", "specimen": "s"}
    selected = "".join(f", {compared(c, tables[c.table])} AS {alias(c)}" for c in columns)
    nothing = "".join(f", NULL::VARCHAR AS {alias(column)}" for column in columns)
    media = sorted({column.name for column in columns if column.table == "media"})
    if placed:
        selected += ", m.log, m.log_index, m.row"
        nothing += ", NULL::INTEGER AS log, NULL::BIGINT AS log_index, NULL::BIGINT AS row"
        media += ["log_index", '"row"']
    names = ", ".join(["record", *media]) + ", "
    shown = ADDRESSES.format(columns=names, rows="current_media")
    ever = ADDRESSES.format(columns="", rows="said_media")
    specimen = ""
    if any(column.table == "specimen" for column in columns):
        specimen = (
            "LEFT JOIN current_specimen s ON s.log = m.log AND s.source = m.source AND s.record = m.record"
        )
    return f"""
unit AS MATERIALIZED (
    SELECT c.digest{selected} FROM captured c JOIN {shown} m USING (log, source, url) {specimen}
    UNION ALL
    SELECT c.digest{nothing} FROM captured c ANTI JOIN {ever} e USING (log, source, url)
)"""
