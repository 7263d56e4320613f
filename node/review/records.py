"""The public records that a picture shows, and how common their taxa are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from hashstore.digest import Digest
from node.index import Index
from node.index.ddl import quoted
from node.review.conflicts.model import Record

_COLUMNS: Final = (
    "id", "catalogNumber", "otherCatalogNumbers", "occurrenceID", "specimenURI", "references", "recordNumber",
    "institutionCode", "collectionCode", "recordedBy", "eventDate", "year", "interpretedEventDate", "country",
    "countryCode", "interpretedCountryCode", "stateProvince", "county", "municipality", "locality", "island",
    "waterBody", "continent", "scientificName", "interpretedName", "interpretedTypeStatus",
)  # fmt: skip
_BATCH: Final = 500
_SHOWN: Final = f"""
WITH shown AS (
    SELECT DISTINCT log, source, url, digest FROM capture
    WHERE digest IN (SELECT unnest(?::BLOB[])) AND access = 'public'
), medium AS (
    SELECT DISTINCT log, source, id, unnest([trim(accessURI, ' '), trim(identifier, ' ')]) AS url FROM media
    WHERE current AND access = 'public'
)
SELECT DISTINCT shown.digest, {", ".join(f"s.{quoted(name)}" for name in _COLUMNS)}
FROM shown JOIN medium m ON m.log = shown.log AND m.source = shown.source AND m.url = shown.url
JOIN specimen s ON s.log = m.log AND s.source = m.source AND s.id = m.id AND s.current AND s.access = 'public'
ORDER BY ALL
"""
_COMMON: Final = """
SELECT coalesce(interpretedName, scientificName) AS name, count(*) AS records FROM specimen
WHERE current AND access = 'public' AND name IN (SELECT unnest(?::VARCHAR[])) GROUP BY name
"""


def records_of(index: Index, images: Iterable[Digest]) -> dict[Digest, list[Record]]:
    """The public records that show each of some pictures; none for pictures that no record shows."""
    found: dict[Digest, list[Record]] = defaultdict(list)
    waiting = iter(images)
    while batch := [one.raw for one in islice(waiting, _BATCH)]:
        for row in index.rows(_SHOWN, [batch]):
            found[Digest(row.pop("digest"))].append(row)
    return found


def how_common(index: Index, records: Iterable[Record]) -> dict[str, int]:
    """How many public records there are of each taxon among some records, by its name."""
    names = sorted({name for one in records if (name := taxon_of(one))})
    return {row["name"]: int(row["records"]) for row in index.rows(_COMMON, [names])}


def taxon_of(record: Record) -> str | None:
    """The name under which a record's taxon is counted."""
    return record.get("interpretedName") or record.get("scientificName")


def is_type(records: Sequence[Record]) -> bool:
    """Whether one of some records is of a type."""
    return any(one.get("interpretedTypeStatus") for one in records)
