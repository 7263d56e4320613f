"""Everything that is there more than once, group by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from node.duplicates.levels import APART, KEYS, MEMBER, STANDING, Key, Level
from node.duplicates.links import shown_to
from node.duplicates.near import Outlines
from node.index import Index
from node.policy import Principal


@dataclass(frozen=True, slots=True)
class Group:
    """Things that have something in common.

    Attributes:
        level: The level.
        on: What they have in common: the name of a value, or `perceptualHash`.
        value: The value; of near pictures, in how many of 256 bits they differ.
        members: The things: digests or row URIs; of the same bytes, the addresses that gave them.
    """

    level: Level
    on: str
    value: str
    members: tuple[str, ...]


def groups(
    index: Index, level: Level, principal: Principal, advance: Callable[[int], object]
) -> Iterator[Group]:
    """All groups of a level, by value; near pictures in pairs.

    Args:
        index: The open index.
        level: The level.
        principal: Who asks.
        advance: Told how many pictures have been compared, where they are compared one by one.
    """
    if level is Level.NEAR:
        for pair in Outlines(index, shown_to(principal)).pairs(advance):
            members = (pair.one.uri, pair.other.uri)
            yield Group(level, "perceptualHash", str(pair.distance), members)
    for key in KEYS:
        if key.level is level:
            yield from _of_key(index, key, principal)


def _of_key(index: Index, key: Key, principal: Principal) -> Iterator[Group]:
    table = key.table
    query = (
        "SELECT value, list(DISTINCT member) AS members FROM ("
        f"SELECT {key.value} AS value, {MEMBER[table]} AS member, {APART[table]} AS apart "
        f"FROM {table} t JOIN leaf USING (log, log_index) "
        f"WHERE {STANDING[table]} AND t.access IN (SELECT unnest(?))) "
        "WHERE value IS NOT NULL GROUP BY value HAVING count(DISTINCT apart) > 1 ORDER BY value"
    )
    for row in index.stream(query, [shown_to(principal)]):
        yield Group(key.level, key.name, row["value"], tuple(sorted(row["members"])))
