"""A filter as a condition for DuckDB: the text is ours alone, all that a stranger wrote is a bound value.

It holds for exactly the rows for which `manifests.filter.matches` does; tests hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from manifests.filter import And, Eq, Exists, Filter, In, Not, Or, Prefix, Range
from manifests.filter.comparing import (
    BIG,
    DATE_GROUPS,
    EVENT_DATE_PATTERN,
    MOST_WORDS,
    SMALL,
    YEAR_PATTERN,
    Days,
    bound,
    folded,
)
from manifests.filter.fields import EVENT_DATE, SCIENTIFIC_NAME, YEAR, Column, Kind
from manifests.filter.model import Leaf
from manifests.filter.parse import SHORT_LIST
from node.index.ddl import quoted

Value = str | list[str]
_NEVER, _ALWAYS = "false", "true"


@dataclass(slots=True)
class Compiled:
    """A condition over the columns that it names.

    Attributes:
        condition: SQL over the columns of `columns`, under the names that `alias` gives; never null.
        parameters: Its bound values by name.
        columns: The columns that it reads.
    """

    condition: str = _ALWAYS
    parameters: dict[str, Value] = field(default_factory=dict)
    columns: set[Column] = field(default_factory=set)

    def bind(self, value: Value) -> str:
        """Give a value a name; returns how the condition writes it."""
        name = f"filter{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def read(self, column: Column) -> str:
        """Read a column as it is compared."""
        self.columns.add(column)
        return alias(column)


def compile_filter(tree: Filter) -> Compiled:
    """Compile a filter that was parsed; its limits bound what the condition costs."""
    compiled = Compiled()
    compiled.condition = _condition(tree, compiled)
    return compiled


def alias(column: Column) -> str:
    """The name under which the condition knows a column."""
    return f"{column.table}_{column.name}"


def folded_column(column: Column, table: str) -> str:
    """A column as it is compared: `folded` of manifests.filter.comparing, in SQL.

    Dates are only freed from spaces: the T and Z of a time have to stay.
    """
    trimmed = f"trim({table}.{quoted(column.name)}, ' ')"
    if column in (EVENT_DATE, YEAR):
        return trimmed
    return f"nullif(translate({trimmed}, '{BIG}', '{SMALL}'), '')"


def _condition(tree: Filter, compiled: Compiled) -> str:
    match tree:
        case And(parts):
            return _joined(parts, " AND ", _ALWAYS, compiled)
        case Or(parts):
            return _joined(parts, " OR ", _NEVER, compiled)
        case Not(part):
            return f"(NOT {_condition(part, compiled)})"
        case _:
            parts_of = _date if tree.field.kind is Kind.DATE else _text
            return f"coalesce({parts_of(tree, compiled)}, false)"


def _joined(parts: tuple[Filter, ...], word: str, none: str, compiled: Compiled) -> str:
    return f"({word.join(_condition(part, compiled) for part in parts)})" if parts else none


def _text(leaf: Leaf, compiled: Compiled) -> str:
    columns = [(column, compiled.read(column)) for column in leaf.field.columns]
    match leaf:
        case Exists():
            tests = [f"{name} IS NOT NULL" for _, name in columns]
        case Prefix(_, value):
            start = compiled.bind(folded(value) or "")
            tests = [f"starts_with({name}, {start})" for _, name in columns]
        case Eq(_, value):
            tests = _equal(columns, [folded(value) or ""], compiled)
        case In(_, values):
            tests = _equal(columns, sorted({folded(value) or "" for value in values}), compiled)
        case Range():
            tests = [_NEVER]
    return _any(tests)


def _any(tests: list[str]) -> str:
    """Whether one holds; null counts as no, and must not hide another's yes."""
    return "(" + " OR ".join(f"coalesce({test}, false)" for test in tests) + ")"


def _equal(columns: list[tuple[Column, str]], values: list[str], compiled: Compiled) -> list[str]:
    if not values:
        return [_NEVER]
    among = _among(values, compiled)
    tests = [f"({name} {among})" for _, name in columns]
    for column, name in columns:
        if column == SCIENTIFIC_NAME:
            tests += _first_words(name, values, compiled)
    return tests


def _first_words(name: str, values: list[str], compiled: Compiled) -> list[str]:
    """A scientific name whose first words are one of the values, for each number of words that they have."""
    tests = []
    for words in range(1, MOST_WORDS + 1):
        if fitting := [value for value in values if value.count(" ") == words - 1]:
            start = f"array_to_string(string_split({name}, ' ')[1:{words}], ' ')"
            tests.append(f"({start} {_among(fitting, compiled)})")
    return tests


def _among(values: list[str], compiled: Compiled) -> str:
    if len(values) == 1:
        return f"= {compiled.bind(values[0])}"
    if len(values) <= SHORT_LIST:
        return f"IN ({', '.join(compiled.bind(value) for value in values)})"
    return f"IN (SELECT unnest({compiled.bind(values)}::VARCHAR[]))"


def _date(leaf: Leaf, compiled: Compiled) -> str:
    compiled.read(EVENT_DATE), compiled.read(YEAR)
    match leaf:
        case Exists():
            return "first_day IS NOT NULL"
        case Range(_, first, last):
            return _within([(first, last)], compiled)
        case Eq(_, value):
            return _within([(value, value)], compiled)
        case In(_, values):
            return _within([(value, value) for value in values], compiled)
        case Prefix():
            return _NEVER


def _within(ranges: list[tuple[str | None, str | None]], compiled: Compiled) -> str:
    """Whether the days lie in one of the ranges; many are written as their union, which is searched once."""
    spans = _union([_span(*ends) for ends in ranges])
    if not spans:
        return _NEVER
    if len(spans) == 1:
        first, last = (compiled.bind(day) for day in spans[0])
        return f"(first_day >= {first} AND last_day <= {last})"
    firsts, lasts = (
        compiled.bind([span.first for span in spans]),
        compiled.bind([span.last for span in spans]),
    )
    return (
        f"EXISTS (SELECT 1 FROM (SELECT unnest({firsts}::VARCHAR[]) AS f, unnest({lasts}::VARCHAR[]) AS l) "
        "WHERE first_day >= f AND last_day <= l)"
    )


def _span(first: str | None, last: str | None) -> Days:
    begins, ends = first and bound(first), last and bound(last)
    return Days(begins[0] if begins else "", ends[1] if ends else "9999-99-99")


def _union(spans: list[Days]) -> list[Days]:
    """The spans without those that lie within another."""
    kept: list[Days] = []
    for span in sorted(set(spans), key=lambda span: (span.first, [-ord(c) for c in span.last])):
        if span.first <= span.last and not (kept and span.last <= kept[-1].last):
            kept.append(span)
    return kept


def day_columns(table: str) -> tuple[str, str]:
    """`days_of` of manifests.filter.comparing in SQL: a struct of the date's parts, then both days of it.

    Args:
        table: Where `specimen_eventDate` and `specimen_year` stand.

    Returns:
        What to select first, and what to select from that.
    """
    groups = ", ".join(f"'{name}'" for name in DATE_GROUPS)
    event, year = (f"{table}.{alias(column)}" for column in (EVENT_DATE, YEAR))
    parts = (
        f"regexp_extract({event}, '^(?:{EVENT_DATE_PATTERN})$', [{groups}]) AS parts, "
        f"CASE WHEN regexp_full_match({year}, '{YEAR_PATTERN}') THEN {year} END AS only_year"
    )
    return parts, f"{_READ_FIRST} AS first_day, {_READ_LAST} AS last_day"


_FIRST = "(parts.y || coalesce(nullif(parts.m, ''), '-01') || coalesce(nullif(parts.d, ''), '-01'))"
_LAST = """CASE
WHEN parts.ey <> '' THEN parts.ey || coalesce(nullif(parts.em, ''), '-12') || coalesce(nullif(parts.ed, ''), '-31')
WHEN parts.sm <> '' THEN parts.y || '-' || parts.sm || parts.sd
WHEN parts.od <> '' THEN parts.y || parts.m || '-' || parts.od
ELSE parts.y || coalesce(nullif(parts.m, ''), '-12') || coalesce(nullif(parts.d, ''), '-31') END"""
_READ = f"""coalesce(parts.y <> '' AND NOT (parts.d = '' AND (parts.sm <> '' OR parts.od <> ''))
AND {_FIRST} <= {_LAST}, false)"""
_READ_FIRST = f"CASE WHEN {_READ} THEN {_FIRST} ELSE only_year || '-01-01' END"
_READ_LAST = f"CASE WHEN {_READ} THEN {_LAST} ELSE only_year || '-12-31' END"
