"""What analyzers said of one image, as annotations in a fixed order, so that they can be paged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from analyzers.annotation import Origin, annotation
from analyzers.errors import AnalyzerError
from hashstore.digest import Digest
from node.analysis.earlier import finding_document
from node.index import Index

# Several nodes may have come to the same finding: it has one name, and is told once, as the first log has it.
_SAID = """
SELECT f.*, s.document FROM finding f
JOIN leaf l ON l.log = f.log AND l.log_index = f.log_index
JOIN statement s ON s.log = l.log AND s.digest = l.statement AND s.kind = 'AnalysisRun'
WHERE f.digest = ? AND f.access = 'public'
QUALIFY row_number() OVER (PARTITION BY f.key, f.place ORDER BY f.log, f.log_index, f.row) = 1
"""
_PAGE = f"{_SAID} ORDER BY f.key, f.place LIMIT ? OFFSET ?"
_COUNT = f"SELECT count(*) AS n FROM ({_SAID})"
_NAMES = f"SELECT key, place FROM ({_SAID}) ORDER BY key, place LIMIT ? OFFSET ?"


def finding_name(key: Digest, place: int) -> str:
    """What a finding is called everywhere: the key of the analysis, and its place in it from 1."""
    return f"{key.uri}#{place}"


def annotation_count(index: Index, digest: Digest) -> int:
    """How many findings there are of an image that the public may read."""
    return int(index.rows(_COUNT, [digest.raw])[0]["n"])


def annotation_names(index: Index, digest: Digest, start: int, count: int) -> list[str]:
    """The names of some of them, in order."""
    rows = index.rows(_NAMES, [digest.raw, count, start])
    return [finding_name(Digest(row["key"]), row["place"]) for row in rows]


def annotations_about(
    index: Index, digest: Digest, start: int, count: int, *, vectors: bool = False
) -> list[dict[str, Any]]:
    """Some of the findings of an image as annotations of W3C Web Annotation, in order.

    Args:
        index: The open index.
        digest: The image.
        start: How many are passed over.
        count: How many are told.
        vectors: Whether to tell the coordinates of vectors.
    """
    rows = index.rows(_PAGE, [digest.raw, count, start])
    return [made for row in rows for made in _told(row, vectors)]


def _told(row: Mapping[str, Any], vectors: bool) -> Iterator[dict[str, Any]]:
    """The annotation of a row; nothing of one that a stranger's log has and that cannot be read."""
    finding = finding_document(row)
    if not vectors:
        finding.pop("vector", None)
    try:
        document = json.loads(row["document"])
        used = document["analyzer"]
        origin = Origin(
            id=finding_name(Digest(row["key"]), row["place"]),
            image=Digest(row["digest"]),
            analyzer=Digest(row["analyzer"]),
            name=f"{used['name']} {used['softwareVersion']}",
            made=datetime.fromisoformat(document["endedAtTime"]),
        )
        yield annotation(origin, finding)
    except (AnalyzerError, KeyError, TypeError, ValueError):
        return
