"""The columns that filters ask for, as they are compared: `manifests.filter.comparing` in SQL."""

from __future__ import annotations

from typing import Final

from manifests.filter.comparing import BIG, DATE_GROUPS, EVENT_DATE_PATTERN, SMALL, YEAR_PATTERN
from manifests.filter.fields import EVENT_DATE, YEAR, Column
from node.index.ddl import quoted

FIRST_DAY: Final = "first_day"
LAST_DAY: Final = "last_day"


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
_CAN_BE_READ = f"""coalesce(parts.y <> '' AND NOT (parts.d = '' AND (parts.sm <> '' OR parts.od <> ''))
AND {_FIRST} <= {_LAST}, false)"""


def alias(column: Column) -> str:
    """The name under which conditions know a column."""
    return f"{column.table}_{column.name}"


def compared(column: Column, table: str) -> str:
    """A column as it is compared.

    Dates are only freed from spaces: the T and Z of a time have to stay.
    """
    trimmed = f"trim({table}.{quoted(column.name)}, ' ')"
    if column in (EVENT_DATE, YEAR):
        return trimmed
    return f"nullif(translate({trimmed}, '{BIG}', '{SMALL}'), '')"


def dated(unit: str) -> str:
    """A relation with the columns of `unit`, and the first and last day out of its eventDate and year.

    Each date is read once, however many records have it: reading is what costs.
    """
    groups = ", ".join(f"'{name}'" for name in DATE_GROUPS)
    event, year = (alias(column) for column in (EVENT_DATE, YEAR))
    read = (
        f"SELECT event, year, "
        f"CASE WHEN {_CAN_BE_READ} THEN {_FIRST} ELSE only_year || '-01-01' END AS {FIRST_DAY}, "
        f"CASE WHEN {_CAN_BE_READ} THEN {_LAST} ELSE only_year || '-12-31' END AS {LAST_DAY} FROM ("
        f"SELECT *, regexp_extract(event, '^(?:{EVENT_DATE_PATTERN})$', [{groups}]) AS parts, "
        f"CASE WHEN regexp_full_match(year, '{YEAR_PATTERN}') THEN year END AS only_year FROM ("
        f"SELECT DISTINCT {event} AS event, {year} AS year FROM {unit}))"
    )
    return (
        f"SELECT {unit}.*, {FIRST_DAY}, {LAST_DAY} FROM {unit} LEFT JOIN ({read}) days "
        f"ON days.event IS NOT DISTINCT FROM {unit}.{event} AND days.year IS NOT DISTINCT FROM {unit}.{year}"
    )
