"""What somebody who types a name may mean: values of the records that begin so, the commonest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.index.ddl import quoted
from node.search.database import Query
from node.search.groups import AREA, HOLDER, PERSON, TAXON, Group

# What is suggested, where it is kept, and the facet or field that asks for it.
_KINDS: Final[tuple[tuple[str, Group, str], ...]] = (
    ("family", TAXON, "family"),
    ("genus", TAXON, "genus"),
    ("scientificName", TAXON, "interpretedName"),
    ("country", AREA, "country"),
    ("stateProvince", AREA, "stateProvince"),
    ("collection", HOLDER, "collectionCode"),
    ("recordedBy", PERSON, "recordedBy"),
)
_LIKE: Final = """
SELECT '{field}' AS field, any_value(trim({column})) AS value, count(*) AS n FROM {table}
WHERE starts_with(lower({column}), $beginning) GROUP BY lower(trim({column}))
"""
_FOUND: Final = "SELECT field, value FROM ({union}) ORDER BY length(value) > 40, n DESC, value LIMIT $most"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that somebody may mean.

    Attributes:
        field: The field of filters that has it.
        value: It.
    """

    field: str
    value: str


def suggestions(query: Query, beginning: str, most: int) -> tuple[Suggestion, ...]:
    """Values that begin like what was typed.

    Combinations are counted, not records: it has to be quick, and only their order rests on it.

    Args:
        query: The question that this is part of.
        beginning: What was typed.
        most: How many at most.
    """
    parts = (
        _LIKE.format(field=field, column=quoted(column), table=group.name) for field, group, column in _KINDS
    )
    rows = query.rows(
        _FOUND.format(union=" UNION ALL ".join(parts)), {"beginning": beginning.lower(), "most": most}
    )
    return tuple(Suggestion(row["field"], row["value"]) for row in rows)
