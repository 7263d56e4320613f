"""The columns that filters ask for, as they are compared: `manifests.filter.comparing` in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from manifests.filter.comparing import BIG, DATE_GROUPS, EVENT_DATE_PATTERN, SMALL, YEAR_PATTERN
from manifests.filter.fields import (
    EVENT_DATE,
    LATITUDE,
    LONGITUDE,
    READ_EVENT_DATE,
    READ_LATITUDE,
    READ_LONGITUDE,
    READ_YEAR,
    YEAR,
    Column,
)
from manifests.filter.findings import NUMBER_PATTERN
from manifests.filter.places import (
    COORDINATE_GROUPS,
    COORDINATE_PATTERN,
    DIGITS,
    MOST_LATITUDE,
    MOST_LONGITUDE,
)
from manifests.filter.words import BARE, MARKED, MARKS, PAIRS, WORD_PATTERN
from node.index.ddl import quoted

FIRST_DAY: Final = "first_day"
LAST_DAY: Final = "last_day"
POINT_X: Final = "point_x"
POINT_Y: Final = "point_y"
# As what plain decimals are compared, exactly: 21 digits before the point, 17 behind.
NUMBER: Final = "DECIMAL(38, 17)"
_AS_PUBLISHED: Final = frozenset(
    (EVENT_DATE, YEAR, READ_EVENT_DATE, READ_YEAR, LATITUDE, LONGITUDE, READ_LATITUDE, READ_LONGITUDE)
)


def _within(length: int) -> str:
    """The year, month or day that holds the whole of a time; null where none does."""
    start = f"{FIRST_DAY}[1:{length}]"
    return f"(CASE WHEN {start} = {LAST_DAY}[1:{length}] THEN {start} END)"


YEARS: Final = _within(4)
MONTH: Final = _within(7)
DAY: Final = _within(10)

_FIRST = "(parts.y || coalesce(nullif(parts.m, ''), '-01') || coalesce(nullif(parts.d, ''), '-01'))"
_LAST = """CASE
WHEN parts.ey <> '' THEN
  parts.ey || coalesce(nullif(parts.em, ''), '-12') || coalesce(nullif(parts.ed, ''), '-31')
WHEN parts.sm <> '' THEN parts.y || '-' || parts.sm || parts.sd
WHEN parts.od <> '' THEN parts.y || parts.m || '-' || parts.od
ELSE parts.y || coalesce(nullif(parts.m, ''), '-12') || coalesce(nullif(parts.d, ''), '-31') END"""
_CAN_BE_READ = f"""parts.y <> '' AND NOT (parts.d = '' AND (parts.sm <> '' OR parts.od <> ''))
AND {_FIRST} <= {_LAST}"""


def alias(column: Column) -> str:
    """The name under which conditions know a column."""
    return f"{column.table}_{column.name}"


def compared(column: Column, table: str) -> str:
    """A column as it is compared.

    Dates and coordinates are only freed from spaces: the T and Z of a time have to stay.
    """
    text = f"CAST({table}.{quoted(column.name)} AS VARCHAR)"
    return f"trim({text}, ' ')" if column in _AS_PUBLISHED else compared_text(text)


def compared_text(text: str) -> str:
    """A text as it is compared; null where nothing is left."""
    trimmed = f"trim({text}, ' ')"
    return f"nullif({folded(trimmed)}, '')"


def number(text: str) -> str:
    """A plain decimal as a number (`manifests.filter.findings.number`); null for what is none."""
    trimmed = f"trim({text}, ' ')"
    return (
        f"CASE WHEN regexp_full_match({trimmed}, '{NUMBER_PATTERN}') THEN TRY_CAST({trimmed} AS {NUMBER}) END"
    )


def folded(text: str) -> str:
    """A text whose letters A to Z are small. Where it is all ASCII, DuckDB's own function does just that."""
    small = f"translate({text}, '{BIG}', '{SMALL}')"
    return f"CASE WHEN strlen({text}) = length({text}) THEN lower({text}) ELSE {small} END"


def dated(unit: str) -> str:
    """A relation with the columns of `unit`, and the first and last day out of its dates and years.

    Each date is read once, however many records have it: reading is what costs.
    """
    groups = ", ".join(f"'{name}'" for name in DATE_GROUPS)
    read_event, event, read_year, year = map(alias, (READ_EVENT_DATE, EVENT_DATE, READ_YEAR, YEAR))
    dates = (
        f"SELECT event, {_FIRST} AS first, {_LAST} AS last FROM (SELECT event, "
        f"regexp_extract(event, '^(?:{EVENT_DATE_PATTERN})$', [{groups}]) AS parts FROM "
        f"(SELECT {event} AS event FROM {unit} UNION SELECT {read_event} FROM {unit})) WHERE {_CAN_BE_READ}"
    )
    years = [_year(f"{unit}.{column}") for column in (read_year, year)]
    first = ", ".join(["read.first", "told.first", *(f"{one} || '-01-01'" for one in years)])
    last = ", ".join(["read.last", "told.last", *(f"{one} || '-12-31'" for one in years)])
    return (
        f"WITH dates AS MATERIALIZED ({dates}) "
        f"SELECT {unit}.*, coalesce({first}) AS {FIRST_DAY}, coalesce({last}) AS {LAST_DAY} FROM {unit} "
        f"LEFT JOIN dates AS read ON read.event = {unit}.{read_event} "
        f"LEFT JOIN dates AS told ON told.event = {unit}.{event}"
    )


def _year(text: str) -> str:
    return f"(CASE WHEN regexp_full_match({text}, '{YEAR_PATTERN}') THEN {text} END)"


def placed(unit: str) -> str:
    """A relation with the columns of `unit`, and where its coordinates are (`manifests.filter.places`)."""
    groups = ", ".join(f"'{name}'" for name in COORDINATE_GROUPS)
    columns = {"ry": READ_LATITUDE, "rx": READ_LONGITUDE, "y": LATITUDE, "x": LONGITUDE}
    parts = "".join(
        f", regexp_extract({alias(column)}, '^(?:{COORDINATE_PATTERN})$', [{groups}]) AS part_{name}"
        for name, column in columns.items()
    )
    steps = "".join(
        f", {_steps(f'part_{name}', MOST_LONGITUDE if name[-1] == 'x' else MOST_LATITUDE)} AS step_{name}"
        for name in columns
    )
    both, other = "step_rx IS NOT NULL AND step_ry IS NOT NULL", "step_x IS NOT NULL AND step_y IS NOT NULL"
    point = "".join(
        f", CASE WHEN {both} THEN step_r{name} WHEN {other} THEN step_{name} END AS {out}"
        for name, out in (("x", POINT_X), ("y", POINT_Y))
    )
    left_out = ", ".join(f"{kind}_{name}" for name in columns for kind in ("part", "step"))
    return (
        f"SELECT * EXCLUDE ({left_out}){point} FROM "
        f"(SELECT *{steps} FROM (SELECT {unit}.*{parts} FROM {unit}))"
    )


def _steps(part: str, most: int) -> str:
    value = f"CAST({part}.whole || rpad({part}.rest[1:{DIGITS}], {DIGITS}, '0') AS BIGINT)"
    signed = f"CASE {part}.sign WHEN '-' THEN -{value} ELSE {value} END"
    return f"CASE WHEN {part}.whole <> '' AND {value} <= {most} THEN {signed} END"


def words_in(texts: Iterable[str]) -> str:
    """The words of some texts, as they are compared; a list."""
    return f"regexp_extract_all(concat_ws(' ', {', '.join(texts)}), '{WORD_PATTERN}')"


def bare(text: str) -> str:
    """A text as `manifests.filter.words.bare` leaves it; what is all ASCII stays."""
    plain = f"translate({text}, '{MARKED}{MARKS}', '{BARE}')"
    for letter, pair in PAIRS.items():
        plain = f"replace({plain}, '{letter}', '{pair}')"
    return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END"
