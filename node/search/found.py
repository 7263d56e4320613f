"""What is found in images, as search keeps it: findings by picture, and which record shows which picture.

A record is judged once for each of its images of which anything is said. All its other images are alike,
since nothing is: they are picture 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from manifests.filter.fields import Column
from node.slices.columns import alias, bare, words_in
from node.slices.findings import COLUMNS, FINDING_TABLES, seen

# What can be counted by, and the column of findings that it goes by.
FOUND: Final[Mapping[str, Column]] = MappingProxyType(
    {"finding": Column("finding", "kind"), "analyzer": Column("finding", "release")}
)
_SAID: Final = "CREATE VIEW said_{table} AS FROM source.{table} WHERE access IN ({access})"
_LOGS: Final = "CREATE VIEW {table} AS FROM source.{table}"
_PICTURES: Final = """
CREATE TABLE made.picture AS SELECT row_number() OVER (ORDER BY digest)::INTEGER AS id, digest FROM (
    SELECT digest FROM said_finding UNION SELECT digest FROM said_annotation
) SEMI JOIN made.image USING (digest)
"""
_FINDINGS: Final = """
CREATE TABLE made.finding AS
WITH {seen} SELECT row_number() OVER (ORDER BY p.id, table_name, log, log_index, row)::INTEGER AS id,
    p.id AS image, table_name, log, log_index, row, {columns}
FROM seen JOIN made.picture p USING (digest) ORDER BY 1
"""
_WORDS: Final = """
CREATE TABLE made.words_finding AS
SELECT unnest(list_distinct({words})) AS word, {read} IS NOT NULL AS read, id
FROM made.finding WHERE {text} IS NOT NULL ORDER BY word, read, id
"""
# Only what records with such pictures show is looked up again.
_PICTURED: Final = """
CREATE TABLE pictured AS
SELECT number, rights, log, source, media_index, media_row, unnest([one, other]) AS url
FROM showing SEMI JOIN (SELECT number FROM made.image JOIN made.picture USING (digest)) USING (number)
"""
_TAKEN: Final = """
CREATE TABLE taken AS SELECT DISTINCT number, log, media_index, media_row, digest FROM pictured JOIN (
    SELECT log, source, url, arg_max(coalesce(digest, lastKnown), log_index * 1048576 + row) AS digest
    FROM source.capture SEMI JOIN pictured USING (log, source, url)
    WHERE role = 'image' AND coalesce(digest, lastKnown) IS NOT NULL AND access IN ({access})
    GROUP BY log, source, url
) USING (log, source, url)
"""
_SIGHTINGS: Final = """
CREATE TABLE made.sighting AS SELECT DISTINCT number, rights, coalesce(p.id, 0) AS image
FROM pictured LEFT JOIN taken USING (number, log, media_index, media_row)
LEFT JOIN made.picture p USING (digest)
ORDER BY number, rights, image
"""
_LABELS: Final = """
CREATE TABLE made.label_{name} AS
SELECT row_number() OVER (ORDER BY shown)::INTEGER AS code, shown, count(DISTINCT number) AS records
FROM (SELECT number, {column} AS shown FROM made.sighting JOIN made.finding USING (image))
WHERE shown IS NOT NULL GROUP BY shown
"""
_HELD: Final = """
CREATE TABLE made.held_{name} AS SELECT DISTINCT s.number, l.code FROM made.sighting s
JOIN made.finding f USING (image) JOIN made.label_{name} l ON l.shown = f.{column} ORDER BY ALL
"""


def derive_found(access: str) -> Iterator[tuple[str, str]]:
    """The statements that make everything about findings, each with what it makes (`node.search.derive`).

    Args:
        access: The classes of rows that anyone may see, as a list in SQL.
    """
    for table in FINDING_TABLES:
        yield "findings", _SAID.format(table=table, access=access)
    for table in ("leaf", "statement"):
        yield "findings", _LOGS.format(table=table)
    yield "findings", _PICTURES
    columns = ", ".join(map(alias, COLUMNS))
    yield "findings", _FINDINGS.format(seen=seen(COLUMNS, standing=True), columns=columns)
    text, read = (alias(Column("finding", name)) for name in ("text", "read"))
    yield "findings", _WORDS.format(words=words_in([bare(text)]), text=text, read=read)
    yield "findings", _PICTURED
    yield "findings", _TAKEN.format(access=access)
    yield "findings", _SIGHTINGS
    for name, column in FOUND.items():
        yield "counts", _LABELS.format(name=name, column=alias(column))
        yield "counts", _HELD.format(name=name, column=alias(column))
