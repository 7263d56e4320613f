"""At which levels two things can be the same, and what is compared at each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Level(StrEnum):
    """What two things have in common, the strongest first."""

    BYTES = "bytes"
    PIXELS = "pixels"
    NEAR = "near"
    SPECIMEN = "specimen"
    GATHERING = "gathering"


class Key(NamedTuple):
    """A value that is equal where two things are the same at a level.

    Attributes:
        level: The level.
        name: What the value is called where a link says what it rests on.
        table: The table whose rows have it; a statement knows a row as `t`, and its log's leaf as `leaf`.
        value: The value, as SQL; null where a row has none.
    """

    level: Level
    name: str
    table: str
    value: str


def _plain(column: str) -> str:
    return f"nullif(lower(trim({column})), '')"


KEYS: Final = (
    Key(Level.BYTES, "digest", "capture", "lower(hex(t.digest))"),
    Key(Level.PIXELS, "pixelDigest", "picture", "lower(hex(t.pixelDigest))"),
    Key(Level.SPECIMEN, "specimenURI", "specimen", "t.specimenURI"),
    Key(
        Level.SPECIMEN,
        "occurrenceID",
        "specimen",
        f"regexp_replace({_plain('t.occurrenceID')}, '^urn:uuid:', '')",
    ),
    # A number without its house is no number. Collections' names are written in too many ways to be asked.
    Key(
        Level.SPECIMEN,
        "catalogNumber",
        "specimen",
        f"{_plain('t.institutionCode')} || ' ' || {_plain('t.catalogNumber')}",
    ),
    Key(Level.GATHERING, "gatheringKey", "specimen", "t.gatheringKey"),
)
# The address under which a row's thing is found: a place that gave the bytes, the bytes, the row itself.
MEMBER: Final = {
    "capture": "t.url",
    "picture": "'hash://sha256/' || lower(hex(t.digest))",
    "specimen": "'hash://sha256/' || lower(hex(leaf.segment)) || '#row=' || t.row",
}
# What tells two things from one that was met twice, by a node or over the years.
APART: Final = {
    "capture": "concat_ws(chr(31), t.log, t.source, t.url)",
    "picture": "lower(hex(t.digest))",
    "specimen": "concat_ws(chr(31), t.log, t.source, t.file, coalesce(t.id, t.sourceRow))",
}
# What stands for now.
STANDING: Final = {
    "capture": "t.outcome IN ('fetched', 'unchanged')",
    "picture": "true",
    "specimen": "t.current",
}
