"""What analyzers said of one image, by whom each was run, and whether others came to the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from hashstore.digest import Digest
from manifests.annotations import Subject
from manifests.tables import FINDING
from node.index import Index
from node.look.reviews import Reviews

_ANALYSES = """
SELECT a.key, a.output, a.fault, a.inputRegion, a.analyzer, s.digest AS run, s.document, l.log, g.origin
FROM analysis a
JOIN leaf l ON l.log = a.log AND l.log_index = a.log_index
JOIN statement s ON s.log = l.log AND s.digest = l.statement AND s.kind = 'AnalysisRun'
LEFT JOIN log g ON g.number = l.log
WHERE a.digest = ? AND a.access = 'public'
AND (s.document->'analyzer'->>'name') IS NOT NULL
AND (s.document->'analyzer'->>'softwareVersion') IS NOT NULL
ORDER BY s.document->'analyzer'->>'name', l.log, l.log_index, a.row
"""
_FINDINGS = "SELECT * FROM finding WHERE digest = ? AND access = 'public' ORDER BY key, log, log_index, place"
_REPRODUCED = """
SELECT document->>'outcome' AS outcome, count(*) AS times FROM statement
WHERE kind = 'Reproduction' AND document->>'reproduces' = ? GROUP BY outcome ORDER BY outcome
"""
_TOLD = tuple(
    name
    for name in FINDING.names
    if name not in ("key", "place", "digest", "analyzer", "vector", "derivative", "salt")
)


def findings_about(index: Index, digest: Digest, reviews: Reviews) -> list[dict[str, Any]]:
    """For each analyzer that read an image: what it is, who ran it, what it found, what was decided of that.

    Vectors are told by their number of coordinates only. Where several nodes ran the same analyzer with the
    same parameters, each is told.
    """
    rows = index.rows(_FINDINGS, [digest.raw])
    said = {key: list(group) for key, group in groupby(rows, key=lambda row: (row["key"], row["log"]))}
    return [
        _analysis(index, row, said.get((row["key"], row["log"]), []), reviews)
        for row in index.rows(_ANALYSES, [digest.raw])
    ]


def _analysis(
    index: Index, row: Mapping[str, Any], findings: list[dict[str, Any]], reviews: Reviews
) -> dict[str, Any]:
    used = json.loads(row["document"])["analyzer"]
    run = Digest(row["run"])
    reproduced = {one["outcome"]: one["times"] for one in index.rows(_REPRODUCED, [run.uri])}
    told = {
        "analyzer": f"{used['name']}@{used['softwareVersion']}",
        "identity": Digest(row["analyzer"]).uri,
        "run": run.uri,
        "log": row["origin"],
        "key": Digest(row["key"]).uri,
        "output": Digest(row["output"]).uri,
        "region": row["inputRegion"],
        "fault": row["fault"],
        "reproduced": reproduced,
    }
    plain = {name: value for name, value in told.items() if value}
    return {**plain, "findings": [_finding(one, reviews) for one in findings]}


def _finding(row: Mapping[str, Any], reviews: Reviews) -> dict[str, Any]:
    name = Subject(Digest(row["key"]), row["place"]).text
    told: dict[str, Any] = {"finding": name, **{one: row[one] for one in _TOLD if row[one] is not None}}
    if row["vector"] is not None:
        told["vector"] = f"{len(base64.b64decode(row['vector'])) // 4} coordinates"
    if row["derivative"] is not None:
        told["derivative"] = Digest(row["derivative"]).uri
    if name in reviews:
        told["reviews"] = reviews[name]
    return told
