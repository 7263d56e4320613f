"""Out of the index: combinations of values, units, images and words (spec/search.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifests.access import AccessClass
from manifests.filter.fields import Column
from node.index.ddl import quoted
from node.policy import Principal, decide
from node.search.facet import FACETS, Facet
from node.search.found import derive_found
from node.search.groups import DETAIL, GROUPS, OF_SPECIMEN, PLACE, RIGHTS, TIME, Group, said_bit
from node.slices.columns import (
    FIRST_DAY,
    LAST_DAY,
    POINT_X,
    POINT_Y,
    alias,
    compared,
    dated,
    folded,
    placed,
    words_in,
)

# What is copied of the log is what hits are named by, and with which states they were made.
_LOGS: Final = """
CREATE TABLE made.log AS SELECT number, origin FROM source.log;
CREATE TABLE made.segment AS
SELECT log, log_index::INTEGER AS log_index, segment, table_name FROM source.leaf
WHERE table_name IN ('specimen', 'media', 'finding', 'annotation');
CREATE TABLE made.withdrawn AS SELECT DISTINCT digest, row FROM source.withdrawn
"""
_CURRENT: Final = """
CREATE VIEW {table} AS SELECT *, CASE WHEN id IS NOT NULL THEN 'i' || id
    WHEN sourceRow IS NOT NULL THEN 'r' || sourceRow END AS record
FROM source.{table} WHERE current AND access IN ({access})
"""
_CAPTURED: Final = """
CREATE VIEW captured AS
SELECT log, source, url, arg_max(coalesce(digest, lastKnown), log_index * 1048576 + row) AS digest
FROM source.capture WHERE role = 'image' AND coalesce(digest, lastKnown) IS NOT NULL AND access IN ({access})
GROUP BY log, source, url
"""
# One row for each record, in the order in which hits are shown.
_KEYED: Final = """
CREATE TABLE keyed AS SELECT row_number() OVER (ORDER BY taxon, log, log_index, row)::INTEGER AS number, *
FROM (
    SELECT s.log::INTEGER AS log, s.log_index::INTEGER AS log_index, s.row::INTEGER AS row, {said}, {ids}
    FROM specimen s {joins}
)
"""
_SHOWN: Final = """
CREATE TABLE showing AS SELECT k.number, m.* FROM (
    SELECT s.log, s.log_index, s.row, r.id AS rights, m.source,
           m.log_index::INTEGER AS media_index, m.row::INTEGER AS media_row,
           trim(m.accessURI, ' ') AS one, nullif(trim(m.identifier, ' '), trim(m.accessURI, ' ')) AS other
    FROM media m JOIN specimen s ON m.log = s.log AND m.source = s.source AND m.record = s.record {joins}
) m JOIN keyed k USING (log, log_index, row)
"""
# So that a record can be hidden of which one medium is withdrawn.
_MEDIA: Final = """
CREATE TABLE made.medium AS
SELECT DISTINCT number, log, media_index AS log_index, media_row AS row FROM showing ORDER BY ALL
"""
_IMAGES: Final = """
CREATE TABLE made.image AS SELECT DISTINCT m.number, c.digest FROM captured c
JOIN (SELECT number, log, source, unnest([one, other]) AS url FROM showing) m USING (log, source, url)
ORDER BY number, digest
"""
# A unit is a record under one combination of rights of its media; most records have only one.
_BARE: Final = """
CREATE TABLE bare AS SELECT k.number, k.said, {ids}, coalesce(s.rights, {no_rights}) AS rights, {point},
    coalesce(i.images, 0)::INTEGER AS images, s.rights IS NOT DISTINCT FROM w.least AS first,
    coalesce(w.several, 1) = 1 AS lone, k.log, k.log_index, k.row
FROM keyed k LEFT JOIN (SELECT DISTINCT number, rights FROM showing) s USING (number)
LEFT JOIN (
    SELECT number, min(rights) AS least, count(DISTINCT rights) AS several FROM showing GROUP BY number
) w USING (number)
LEFT JOIN (SELECT number, count(*) AS images FROM made.image GROUP BY number) i USING (number)
LEFT JOIN place p ON p.id = k.place
"""
_UNITS: Final = "CREATE TABLE made.unit AS SELECT bare.*{codes} FROM bare {joins} ORDER BY number, rights"
_DETAILS: Final = """
CREATE TABLE made.detail AS SELECT k.number, {texts} FROM keyed k
JOIN specimen s USING (log, log_index, row) ORDER BY number
"""
# Words of combinations, with the numbers of these; of details also with the place of their column.
_WORDS: Final = """
CREATE TABLE made.words_{group} AS SELECT word, id FROM (
    SELECT id, unnest(list_distinct({words})) AS word FROM (SELECT id, {text} AS text FROM made.{group})
) ORDER BY word, id
"""
# Column by column: at once, they would not fit into memory.
_SPOKEN: Final = "CREATE TABLE spoken (word VARCHAR, part UTINYINT, id INTEGER)"
_PART_WORDS: Final = """
INSERT INTO spoken SELECT unnest(list_distinct({words})) AS word, {part} AS part, number AS id
FROM (SELECT number, {column} AS text FROM made.detail WHERE {column} IS NOT NULL)
"""
_DETAIL_WORDS: Final = "CREATE TABLE made.words_detail AS FROM spoken ORDER BY word, part, id"
# The values of a facet, numbered in their order, each in its commonest form.
_VALUES: Final = """
CREATE TABLE values_{facet.name} AS
SELECT row_number() OVER (ORDER BY key)::INTEGER AS code, key, shown FROM (
    SELECT {facet.key} AS key, mode({facet.shown}) AS shown FROM each_{facet.group.name}
    WHERE {facet.key} IS NOT NULL GROUP BY 1
)
"""
_CODED: Final = """
CREATE TABLE made.{group} AS SELECT each_{group}.*{codes} FROM each_{group} {joins} ORDER BY id
"""
# How many records have each.
_LABEL: Final = """
CREATE TABLE made.label_{facet.name} AS SELECT code, shown, coalesce(records, 0) AS records
FROM values_{facet.name} LEFT JOIN (
    SELECT {table}.{facet.code} AS code, {counted} AS records FROM made.unit u {join} GROUP BY 1
) USING (code) ORDER BY code
"""


def derive() -> Iterator[tuple[str, str]]:
    """The statements that make everything, in their order, each with what it makes.

    They run where the index is attached as `source` and the new database as `made`; what they make beside
    these is not wanted any more when they are done.
    """
    access = ", ".join(f"'{kind}'" for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed)
    yield "logs", _LOGS
    for table in ("specimen", "media"):
        yield "logs", _CURRENT.format(table=table, access=access)
    yield "logs", _CAPTURED.format(access=access)
    for group in GROUPS:
        yield from _group(group)
    yield PLACE.name, _places()
    yield from _records()
    texts = ", ".join(f"s.{quoted(column.name)}" for column in DETAIL.columns)
    yield "details", _DETAILS.format(texts=texts)
    for group in OF_SPECIMEN:
        if group.texts:
            text = f"concat_ws(' ', {', '.join(quoted(column.name) for column in group.texts)})"
            yield "words", _WORDS.format(group=group.name, words=words_in([folded("text")]), text=text)
    yield "words", _SPOKEN
    for part, column in enumerate(DETAIL.columns):
        spoken = words_in([folded("text")])
        yield "words", _PART_WORDS.format(part=part, words=spoken, column=quoted(column.name))
    yield "words", _DETAIL_WORDS
    yield from derive_found(access)
    for facet in FACETS.values():
        if not facet.listed:
            yield "counts", _label(facet)


def _records() -> Iterator[tuple[str, str]]:
    ids = [*(group.name for group in OF_SPECIMEN), PLACE.name]
    joins = "".join(_join(group, "s", f"made.{group.name}") for group in OF_SPECIMEN)
    joins += _join(PLACE, "s", "place")
    identified = ", ".join(f"{name}.id AS {name}" for name in ids)
    yield "records", _KEYED.format(said=_said(), ids=identified, joins=joins)
    yield "media", _SHOWN.format(joins=_join(RIGHTS, "m", "made.rights", "r"))
    yield "media", _MEDIA
    yield "images", _IMAGES
    none = " AND ".join(f"{quoted(column.name)} IS NULL" for column in RIGHTS.columns)
    yield (
        "units",
        _BARE.format(
            ids=", ".join(f"k.{group.name}" for group in OF_SPECIMEN),
            no_rights=f"(SELECT id FROM made.rights WHERE {none})",
            point=f"p.{POINT_X}::INTEGER AS {POINT_X}, p.{POINT_Y}::INTEGER AS {POINT_Y}",
        ),
    )
    kept = [facet for facet in FACETS.values() if facet.kept]
    groups = dict.fromkeys(facet.group.name for facet in kept)
    codes = "".join(f", g_{facet.group.name}.{facet.code}" for facet in kept)
    joins = "".join(f" JOIN made.{name} g_{name} ON g_{name}.id = bare.{name}" for name in groups)
    yield "units", _UNITS.format(codes=codes, joins=joins)


def _said() -> str:
    """A bit for each column of the details that has a value."""
    bits = (
        f"CASE WHEN trim(s.{quoted(column.name)}, ' ') <> '' THEN {said_bit(column)} ELSE 0 END"
        for column in DETAIL.columns
    )
    return f"({' + '.join(bits)})::UTINYINT AS said"


def _group(group: Group) -> Iterator[tuple[str, str]]:
    yield group.name, _combinations(group, "media" if group is RIGHTS else "specimen")
    facets = [facet for facet in FACETS.values() if facet.group is group and not facet.listed]
    for facet in facets:
        yield group.name, _VALUES.format(facet=facet)
    codes = "".join(f", v_{facet.name}.code AS {facet.code}" for facet in facets)
    joins = "".join(
        f" LEFT JOIN values_{facet.name} v_{facet.name} ON v_{facet.name}.key = {facet.key}"
        for facet in facets
    )
    yield group.name, _CODED.format(group=group.name, codes=codes, joins=joins)


def _label(facet: Facet) -> str:
    group = facet.group.name
    join = "" if facet.kept else f"JOIN made.{group} g ON g.id = u.{group}"
    counted = "count(DISTINCT number)" if facet.group is RIGHTS else "count(*) FILTER (WHERE first)"
    return _LABEL.format(facet=facet, table="u" if facet.kept else "g", join=join, counted=counted)


def _combinations(group: Group, table: str) -> str:
    """Every combination that occurs, numbered in the order in which people look for it."""
    names = ", ".join(quoted(column.name) for column in group.columns)
    every = f"SELECT {names} FROM {table} GROUP BY ALL"
    if group is RIGHTS:  # a record without media has none of them
        every += f" UNION SELECT {', '.join('NULL' for _ in group.columns)}"
    aliases = ", ".join(f"{compared(column, 'each')} AS {alias(column)}" for column in group.columns)
    body = f"SELECT *, {aliases} FROM ({every}) AS each"
    order = ", ".join([*map(alias, group.columns), names])
    if group is TIME:
        body = f"WITH times AS ({body}), days AS ({dated('times')}) SELECT * FROM days"
        order = f"{FIRST_DAY}, {LAST_DAY}, {order}"
    return (
        f"CREATE TABLE each_{group.name} AS SELECT row_number() OVER (ORDER BY {order})::INTEGER AS id, * "
        f"FROM ({body})"
    )


def _places() -> str:
    names = ", ".join(quoted(column.name) for column in PLACE.columns)
    aliases = ", ".join(f"{compared(column, 'each')} AS {alias(column)}" for column in PLACE.columns)
    every = f"SELECT *, {aliases} FROM (SELECT {names} FROM specimen GROUP BY ALL) AS each"
    return (
        f"CREATE TABLE place AS WITH every AS ({every}), placed AS ({placed('every')}) "
        f"SELECT row_number() OVER ()::INTEGER AS id, * FROM placed"
    )


def _join(group: Group, rows: str, table: str, name: str = "") -> str:
    name = name or group.name
    return f" JOIN {table} AS {name} ON {_same(group.columns, rows, name)}"


def _same(columns: tuple[Column, ...], left: str, right: str) -> str:
    names = (quoted(column.name) for column in columns)
    return " AND ".join(f"{right}.{name} IS NOT DISTINCT FROM {left}.{name}" for name in names)
