"""What people said of one image, and what they decided about that and about what analyzers found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from hashstore.digest import Digest
from manifests.annotations import annotation_name
from manifests.errors import InvalidRow
from manifests.tables import ANNOTATION
from node.index import Index

# Each log has its own say, and of what it says of one subject the last counts.
_REVIEWS = """
SELECT r.subject, r.decision, r.agent, r.reviewed, r.note, r.replacement, g.origin AS log
FROM review r LEFT JOIN log g ON g.number = r.log
WHERE r.digest = ? AND r.access = 'public'
QUALIFY row_number() OVER (PARTITION BY r.log, r.subject ORDER BY r.log_index DESC, r.row DESC) = 1
ORDER BY r.log, r.subject
"""
_ANNOTATIONS = """
SELECT a.*, g.origin FROM annotation a LEFT JOIN log g ON g.number = a.log
WHERE a.digest = ? AND a.access = 'public' ORDER BY a.created, a.log, a.log_index, a.row
"""
_TOLD = tuple(name for name in ANNOTATION.names if name not in ("annotation", "digest", "salt"))

Reviews = Mapping[str, list[dict[str, Any]]]


def reviews_of(index: Index, digest: Digest) -> Reviews:
    """The decisions that hold about what is said of an image, by their subjects' names."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in index.rows(_REVIEWS, [digest.raw]):
        told = {name: value for name, value in row.items() if value is not None and name != "subject"}
        if row["replacement"] is not None:
            told["replacement"] = Digest(row["replacement"]).uri
        found[row["subject"]].append(told)
    return found


def annotations_about(index: Index, digest: Digest, reviews: Reviews) -> list[dict[str, Any]]:
    """What people said of an image, each with the decisions about it.

    A row under a name that is not its content's is passed over: decisions about another would seem to be
    about it.
    """
    return [
        _annotation(row, reviews) for row in index.rows(_ANNOTATIONS, [digest.raw]) if is_under_its_name(row)
    ]


def is_under_its_name(row: Mapping[str, Any]) -> bool:
    """Whether a row of the table `annotation` has the name of its content."""
    try:
        return annotation_name(row) == Digest(row["annotation"])
    except InvalidRow:
        return False


def _annotation(row: Mapping[str, Any], reviews: Reviews) -> dict[str, Any]:
    name = Digest(row["annotation"]).uri
    plain = {column: row[column] for column in _TOLD if row[column] is not None}
    told = {"annotation": name, **plain, "log": row["origin"], "reviews": reviews.get(name)}
    return {column: value for column, value in told.items() if value}
