"""Flags that need whole files: duplicated ids in the core, and rows whose core record is missing."""

from pathlib import Path

import duckdb

from crawlers.dwca.database import quoted
from crawlers.dwca.rows import Flag
from crawlers.dwca.staging import Part
from manifests.tables import QUARANTINE

_DUPLICATED = "id IN (FROM duplicates)"
_ORPHANED = "id IS NOT NULL AND id NOT IN (FROM core_ids)"


def mark_whole(parts: list[Part], database: duckdb.DuckDBPyConnection) -> None:
    """Rewrite the parts in which a row earns `duplicateId` or `orphan`; most archives need no rewriting."""
    rows = [part for part in parts if part.table is not QUARANTINE]
    core = [part for part in rows if part.core and not part.derived]
    _collect_ids([part.path for part in core], database)
    if _any(database, "duplicates"):
        for part in core:
            _mark(part.path, Flag.DUPLICATE_ID, _DUPLICATED, database)
    for part in rows:
        if not part.core:
            _mark(part.path, Flag.ORPHAN, _ORPHANED, database)


def _any(database: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return database.execute(f"SELECT EXISTS (FROM {relation})").fetchone() == (True,)


def _collect_ids(paths: list[Path], database: duckdb.DuckDBPyConnection) -> None:
    listed = ", ".join(quoted(str(path)) for path in paths)
    rows = f"read_parquet([{listed}])" if paths else "(SELECT NULL::VARCHAR AS id)"
    database.execute(
        f"""CREATE OR REPLACE TEMP TABLE core_ids AS
            SELECT id, count(*) AS times FROM {rows} WHERE id IS NOT NULL GROUP BY id"""
    )
    database.execute(
        """CREATE OR REPLACE TEMP TABLE duplicates AS SELECT id FROM core_ids WHERE times > 1;
           ALTER TABLE core_ids DROP COLUMN times"""
    )


def _mark(path: Path, flag: str, condition: str, database: duckdb.DuckDBPyConnection) -> None:
    rows = f"read_parquet({quoted(str(path))})"
    if not _any(database, f"{rows} WHERE {condition}"):
        return
    target = path.with_name(path.name + ".marked")
    codes = """CASE WHEN flags IS NULL THEN [] ELSE string_split(flags[3:-3], '","') END"""
    merged = f"""'["' || array_to_string(list_sort(list_append({codes}, {quoted(flag)})), '","') || '"]'"""
    database.execute(
        f"""COPY (SELECT * REPLACE (CASE WHEN {condition} THEN {merged} ELSE flags END AS flags) FROM {rows})
            TO {quoted(str(target))} (FORMAT parquet, COMPRESSION lz4)"""
    )
    target.replace(path)
