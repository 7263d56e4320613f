"""Parts that statements of several kinds have: the program that worked, and the segments that it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.statement.text import plain_text

if TYPE_CHECKING:  # manifests.segment brings pyarrow and duckdb, which checking a citation must not wait for
    from manifests.segment import Segment


def software_agent(statement: str, name: str, version: str) -> dict[str, Any]:
    """The program, as an agent of W3C PROV."""
    return {
        "id": f"{statement}#software",
        "type": "SoftwareAgent",
        "name": plain_text(name),
        "softwareVersion": plain_text(version),
    }


def segment_entry(statement: str, place: int, segment: Segment) -> dict[str, Any]:
    """One segment, the how manieth it is from 1."""
    return {
        "id": f"{statement}#segment-{place}",
        "type": "Segment",
        "blob": segment.digest.uri,
        "table": segment.table,
        "tableSchema": segment.schema.uri,
        "rows": str(segment.rows),
        "rowsRoot": segment.rows_root.uri,
        "access": segment.access.value,
    }
