"""What one thing has in common with others, level by level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.duplicates.levels import APART, KEYS, MEMBER, STANDING, Key, Level
from node.duplicates.near import Outlines
from node.errors import NotFound
from node.index import Index
from node.look.access import require
from node.look.history import history
from node.look.things import BlobThing, RowThing, Thing
from node.policy import Principal, decide


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that is the same as another at some level.

    Attributes:
        level: The level.
        of: The thing that was asked for, or a record that shows it: a digest or a row URI.
        on: What they have in common: names of values, or `perceptualHash`.
        other: The other one: a digest or a row URI; of the same bytes, another address that gave them.
        origin: The log that tells of it; None for the node's own.
        distance: Of near pictures, in how many of 256 bits they differ.
    """

    level: Level
    of: str
    on: tuple[str, ...]
    other: str
    origin: str | None = None
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class _Subject:
    """Rows that are the thing itself: those of a table for which a condition holds."""

    table: str
    name: str
    where: str
    values: tuple[Any, ...]


def shown_to(principal: Principal) -> list[str]:
    """The access classes that are shown; what was taken back is shown to nobody."""
    return [str(a) for a in AccessClass if a is not AccessClass.WITHDRAWN and decide(principal, a).allowed]


def links_of(index: Index, thing: Thing, principal: Principal) -> Iterator[Link]:
    """Everything that is the same as a picture or a record, the strongest level first.

    Of a picture the records that show it are followed as well.

    Raises:
        NotFound: it may not be seen, or is neither picture nor record.
    """
    require(index, thing, principal)
    origins = index.origins()
    for subject in _subjects(index, thing, principal):
        found: dict[tuple[Level, str], Link] = {}
        for key in KEYS:
            if key.table == subject.table:
                for other, log in _others(index, key, subject, principal):
                    level, on = _joined(found, key, other)
                    found[level, other] = Link(level, subject.name, on, other, origins.get(log))
        yield from found.values()
        if isinstance(thing, BlobThing) and subject.table == "picture":
            for pair in Outlines(index, shown_to(principal)).of(thing.digest):
                yield Link(
                    Level.NEAR, subject.name, ("perceptualHash",), pair.other.uri, distance=pair.distance
                )


def _joined(found: dict[tuple[Level, str], Link], key: Key, other: str) -> tuple[Level, tuple[str, ...]]:
    """Level and values of a link, with those by which the same two were linked before; the stronger stays."""
    for level in (Level.SPECIMEN, key.level):
        if (before := found.get((level, other))) is not None:
            return level, before.on if key.name in before.on else (*before.on, key.name)
    return key.level, (key.name,)


def _subjects(index: Index, thing: Thing, principal: Principal) -> Iterator[_Subject]:
    match thing:
        case BlobThing(digest):
            yield _Subject("capture", digest.uri, "t.digest = ?", (digest.raw,))
            yield _Subject("picture", digest.uri, "t.digest = ?", (digest.raw,))
            yield from _records(index, digest, principal)
        case RowThing(uri, "specimen", log, log_index):
            yield _Subject("specimen", str(uri), _PLACE, (log, log_index, uri.row))
        case _:
            raise NotFound("Only pictures and specimen records are compared: give a digest or a row URI.")


_PLACE = "t.log = ? AND t.log_index = ? AND t.row = ?"


def _records(index: Index, digest: Digest, principal: Principal) -> Iterator[_Subject]:
    rows = {
        row["rowUri"]: (row["log"], row["log_index"], row["row"])
        for origin in history(index, digest, principal)
        for row in origin.specimens
        if row["current"]
    }
    for uri, place in rows.items():
        yield _Subject("specimen", uri, _PLACE, place)


def _others(index: Index, key: Key, subject: _Subject, principal: Principal) -> Iterator[tuple[str, int]]:
    """What has the same value and is another thing, each with the number of its log."""
    table = key.table
    # Of bytes, each address is told, the first one too: there is none that is more the thing itself.
    apart = "true" if table == "capture" else f"{APART[table]} NOT IN (SELECT apart FROM own)"
    query = (
        f"WITH own AS (SELECT DISTINCT {key.value} AS value, {APART[table]} AS apart FROM {table} t "
        f"WHERE {subject.where}) "
        f"SELECT DISTINCT {MEMBER[table]} AS member, t.log FROM {table} t JOIN leaf USING (log, log_index) "
        f"WHERE {key.value} IN (SELECT value FROM own WHERE value IS NOT NULL) AND {apart} "
        f"AND {STANDING[table]} AND t.access IN (SELECT unnest(?)) ORDER BY t.log, member"
    )
    rows = index.rows(query, [*subject.values, shown_to(principal)])
    if table != "capture" or len(rows) > 1:
        yield from ((row["member"], row["log"]) for row in rows)
