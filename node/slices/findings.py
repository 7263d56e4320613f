"""What is found in images, as conditions see it: `manifests.filter.findings` in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from manifests.annotations import DECISIONS
from manifests.filter.fields import HUMAN, MACHINE, REVIEWS, UNREVIEWED, Column
from manifests.filter.findings import CLASSES, READ
from manifests.row_sql import ColumnShape, canonical_sql
from manifests.tables import ANNOTATION, FINDING, REVIEW
from node.slices.columns import alias, compared_text, number

FINDING_TABLES: Final = (FINDING.name, ANNOTATION.name, REVIEW.name)
_SAID: Final = ("kind", "text", "language", "term", "value", "unit", "confidence")
_RUN: Final = ("name", "release")


def _listed(values: Collection[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _of_kinds(kinds: Collection[str]) -> str:
    return f"CASE WHEN {compared_text('o.kind')} IN ({_listed(kinds)}) THEN o.text END"


_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{name: f"o.{name}" for name in ("kind", "term", "text", "unit", "language", "agent")},
        "class": _of_kinds(CLASSES),
        "read": _of_kinds(READ),
        "name": "r.name",
        "release": "r.name || '@' || r.version",
        "analyzer": "'hash://sha256/' || lower(hex(o.analyzer))",
        "maker": f"CASE WHEN o.agent IS NULL THEN '{MACHINE}' ELSE '{HUMAN}' END",
        REVIEWS.name: f"coalesce(h.review, '{UNREVIEWED}')",
    }
)
_COMPARED: Final = {
    **{name: compared_text(sql) for name, sql in _TEXTS.items()},
    **{name: number(f"o.{name}") for name in ("value", "confidence")},
}
COLUMNS: Final = tuple(Column("finding", name) for name in _COMPARED)

# An analyzer has the name that its run gives it, in the log that has the finding.
_RUNS: Final = """
run AS (
    SELECT DISTINCT leaf.log, leaf.log_index, s.document->'analyzer'->>'name' AS name,
           s.document->'analyzer'->>'softwareVersion' AS version
    FROM leaf JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement
    WHERE leaf.table_name = 'finding' AND s.log_index < leaf.log_index
),
"""
# Each log has its own say, and of what it says of one subject the last holds.
_HELD: Final = f"""
held AS (
    SELECT subject, digest, string_agg(DISTINCT decision, ' ') AS review FROM (
        SELECT log, subject, digest, arg_max(decision, log_index * 1048576 + row) AS decision
        FROM said_review WHERE decision IN ({_listed(DECISIONS)}) GROUP BY log, subject, digest
    ) GROUP BY subject, digest
),
"""


def _rightly_named() -> str:
    """That an annotation has the name of its content (spec/annotations.md, rule 1)."""
    columns = sorted(
        (column for column in ANNOTATION.columns if column.name not in ("annotation", "salt")),
        key=lambda column: column.name,
    )
    shapes = [ColumnShape(column, has_nulls=True, escaped=True, constant=None) for column in columns]
    printed = canonical_sql(shapes, "''")
    return f"unhex(sha256({printed})) = annotation"


def seen(columns: Collection[Column], *, standing: bool = False) -> str:
    """Relations up to `seen`: a row for each finding, with the image's `digest` and what conditions ask of.

    They are made of `leaf`, `statement`, and the rows that count: `said_finding`, `said_annotation` and
    `said_review`.

    Args:
        columns: What is asked of, as `alias` names it.
        standing: Whether to tell where the row stands, too: `table_name`, `log`, `log_index`, `row`.
    """
    names = {column.name for column in columns}
    told = [f"{sql} AS {alias(Column('finding', name))}" for name, sql in _COMPARED.items() if name in names]
    if standing:
        told += ["o.table_name", "o.log", "o.log_index", "o.row"]
    runs, held = not names.isdisjoint(_RUN), REVIEWS.name in names
    joins = " LEFT JOIN run r USING (log, log_index)" if runs else ""
    joins += " LEFT JOIN held h ON h.subject = o.subject AND h.digest = o.digest" if held else ""
    return (
        f"{_RUNS if runs else ''}{_HELD if held else ''}"
        f"seen AS (SELECT {', '.join(['o.digest', *told])} FROM ({_either()}) o{joins})"
    )


def _either() -> str:
    plain = ", ".join(("log", "log_index", "row", "digest", *_SAID))
    return (
        f"SELECT 'finding' AS table_name, {plain}, analyzer, NULL::VARCHAR AS agent, "
        "'hash://sha256/' || lower(hex(key)) || '#' || place AS subject FROM said_finding "
        f"UNION ALL SELECT 'annotation' AS table_name, {plain}, NULL::BLOB AS analyzer, agent, "
        f"'hash://sha256/' || lower(hex(annotation)) AS subject FROM said_annotation WHERE {_rightly_named()}"
    )
