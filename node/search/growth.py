"""How what is published has grown: after each crawl, how many records or images of each kind there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.filter.comparing import folded
from node.errors import SearchRefused
from node.policy import Principal, decide
from node.search.facet import FACETS, Facet
from node.search.groups import RIGHTS, TIME

if TYPE_CHECKING:
    from node.compose import Node
    from node.index import Index

OTHERS: Final = "others"
NONE: Final = "(none)"
_BY: Final = tuple(name for name, f in FACETS.items() if f.group not in (TIME, RIGHTS) and not f.listed)
_ROWS: Final = """
row_of AS (
    SELECT log, log_index, row, source, revisionOf, change, current, {value} AS value,
        CASE WHEN id IS NOT NULL THEN 'i' || id WHEN sourceRow IS NOT NULL THEN 'r' || sourceRow END AS record
    FROM specimen WHERE access IN (SELECT unnest($access))
)"""
# A record is there from the crawl that added it to the one that changed or removed it.
_RECORDS: Final = """
WITH {rows},
ended AS (
    SELECT later.log, later.log_index, earlier.value FROM row_of later
    JOIN leaf ON leaf.log = later.log AND leaf.segment IS NOT NULL
     AND 'hash://sha256/' || lower(hex(leaf.segment)) = left(later.revisionOf, 78)
    JOIN row_of earlier ON earlier.log = leaf.log AND earlier.log_index = leaf.log_index
     AND earlier.row = TRY_CAST(split_part(later.revisionOf, '#row=', 2) AS BIGINT)
    WHERE later.revisionOf IS NOT NULL AND earlier.change IS DISTINCT FROM 'removed'
),
step AS (
    SELECT log, log_index, value, count(*) AS n FROM row_of
    WHERE change IS DISTINCT FROM 'removed' GROUP BY ALL
    UNION ALL SELECT log, log_index, value, -count(*) FROM ended GROUP BY ALL
)"""
# An image is there from the crawl that brought its bytes first; it is of the kind of a record that shows it.
_IMAGES: Final = """
WITH {rows},
taken AS (
    SELECT c.log, c.log_index, c.source, c.url, c.digest, coalesce(s.ended, '') AS ended FROM capture c
    JOIN leaf USING (log, log_index) JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement
    WHERE c.role = 'image' AND c.digest IS NOT NULL AND c.access IN (SELECT unnest($access))
),
first_taken AS (
    SELECT digest, min({{'ended': ended, 'log': log, 'log_index': log_index}}) AS place
    FROM taken GROUP BY digest
),
address AS (
    SELECT log, source, unnest([trim(accessURI, ' '), trim(identifier, ' ')]) AS url,
        CASE WHEN id IS NOT NULL THEN 'i' || id WHEN sourceRow IS NOT NULL THEN 'r' || sourceRow END AS record
    FROM media WHERE current AND access IN (SELECT unnest($access))
),
kind AS (
    SELECT taken.digest, max(row_of.value) AS value FROM taken JOIN address USING (log, source, url)
    JOIN row_of USING (log, source, record) WHERE row_of.current GROUP BY taken.digest
),
step AS (
    SELECT place.log AS log, place.log_index AS log_index, value, count(*) AS n
    FROM first_taken LEFT JOIN kind USING (digest) GROUP BY ALL
)"""
_STEPS: Final = """
SELECT s.log, s.digest, s.iri, s.started, s.ended, s.log_index, value, sum(n)::BIGINT AS n,
    (SELECT max(l.log_index) + 1 FROM leaf l WHERE l.log = s.log AND l.statement = s.digest) AS size
FROM step JOIN leaf USING (log, log_index) JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement
GROUP BY s.log, s.digest, s.iri, s.started, s.ended, s.log_index, value
ORDER BY coalesce(s.ended, ''), s.log, s.log_index
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curves: what there was in all logs together after one crawl.

    Attributes:
        at: When the crawl ended, as its statement says.
        origin: The log that it stands in.
        crawl: The digest of its statement.
        log_size: How many entries the log had with it.
        root: The root of the log at that size: with the size the snapshot that the point rests on.
        counts: How many by value.
    """

    at: str | None
    origin: str
    crawl: Digest
    log_size: int
    root: Digest
    counts: Mapping[str, int]


def growth(node: Node, index: Index, by: str, of: str, most: int) -> tuple[Point, ...]:
    """The growth curves of the node's own log and of all that it follows; only of what anyone may see.

    Args:
        node: The node.
        index: Its open index.
        by: A facet.
        of: `records` or `images`.
        most: So many values have a curve of their own, the rest have one together.

    Raises:
        SearchRefused: there are no curves by that.
    """
    if by not in _BY:
        raise SearchRefused("by", f"there are no curves by {by[:40]!r}, but by {', '.join(_BY)}")
    rows = index.rows(_query(FACETS[by], of), {"access": _readable()})
    shown = _shown(rows, most)
    return tuple(_points(node, index, rows, shown))


def _query(facet: Facet, of: str) -> str:
    steps = (_IMAGES if of == "images" else _RECORDS).format(rows=_ROWS.format(value=facet.shown))
    return f"{steps} {_STEPS}"


def _readable() -> list[str]:
    return [str(kind) for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed]


def _shown(rows: list[dict[str, Any]], most: int) -> dict[str | None, str]:
    """How each value is written: the commonest in their commonest form, the rest as others."""
    totals: Counter[str | None] = Counter()
    forms: dict[str | None, Counter[str]] = {}
    for row in rows:
        key = folded(row["value"])
        totals[key] += row["n"]
        forms.setdefault(key, Counter())[row["value"] or NONE] += row["n"]
    common = sorted(totals, key=lambda key: (-totals[key], key or ""))[:most]
    return {key: forms[key].most_common(1)[0][0] if key in common else OTHERS for key in totals}


def _points(
    node: Node, index: Index, rows: list[dict[str, Any]], shown: Mapping[str | None, str]
) -> Iterator[Point]:
    origins, counts = index.origins(), Counter[str]()
    crawls = list(dict.fromkeys((row["log"], row["digest"]) for row in rows))
    by_crawl: dict[tuple[int, bytes], list[dict[str, Any]]] = {crawl: [] for crawl in crawls}
    for row in rows:
        by_crawl[row["log"], row["digest"]].append(row)
    for (log, digest), changes in by_crawl.items():
        for row in changes:
            counts[shown[folded(row["value"])]] += row["n"]
        size = changes[0]["size"]
        yield Point(
            changes[0]["ended"],
            origins[log] or node.config.identity.origin,
            Digest(digest),
            size,
            Digest(node.log_reader(index, log).head_at(size).root),
            dict(counts.most_common()),
        )
