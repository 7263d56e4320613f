"""A filter as a condition for DuckDB: the text is ours alone, all that a stranger wrote is a bound value.

It holds for exactly the rows for which `manifests.filter.matches` does; tests hold the two together. Values
are never compared one by one: all conditions of equality on a column are answered by one look-up of its
value, which gives the set of conditions that hold. So the costliest filter takes little longer than any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from manifests.errors import FilterRefused
from manifests.filter import (
    And,
    Below,
    Between,
    Box,
    Eq,
    Exists,
    Filter,
    In,
    Match,
    Not,
    OneFinding,
    Or,
    Polygon,
    Prefix,
    Range,
)
from manifests.filter.comparing import MOST_WORDS, bound, folded
from manifests.filter.evaluate import NOT_LOOKED_UP
from manifests.filter.fields import (
    EVENT_DATE,
    LATITUDE,
    LISTS,
    SCIENTIFIC_NAME,
    SPDX,
    UNKNOWN,
    Column,
    Field,
    Kind,
)
from manifests.filter.model import Leaf
from manifests.filter.places import Point, edges_of, point_of
from manifests.filter.words import words_asked
from node.slices.columns import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    MONTH,
    NUMBER,
    POINT_X,
    POINT_Y,
    YEARS,
    alias,
    bare,
    dated,
    placed,
    words_in,
)

Value = str | int | list[str] | list[int] | list[list[int]]
_NEVER, _ALWAYS = "false", "true"
_WORD = 62  # conditions in one BIGINT


@dataclass(slots=True)
class Compiled:
    """A condition over the columns that it names.

    Attributes:
        condition: SQL; never null.
        parameters: Its bound values by name.
        columns: The columns that it reads.
        lookups: For each expression that is looked up, the conditions (bits) that hold for a value.
        equalities: The field of each condition of equality.
        worded: SQL of the texts whose words are asked for, together, by the name of the list of these words.
        prefix: How the names of values begin.
        of_findings: What is asked of findings, over their columns; None if nothing is.
        found: The conditions there, each of which is asked of one finding.
        spoken: Makes conditions on words where these are kept elsewhere; None where texts are read.
    """

    condition: str = _ALWAYS
    parameters: dict[str, Value] = field(default_factory=dict)
    columns: set[Column] = field(default_factory=set)
    lookups: dict[str, dict[str, int]] = field(default_factory=dict)
    equalities: list[Field] = field(default_factory=list)
    worded: dict[str, list[str]] = field(default_factory=dict)
    prefix: str = "filter"
    of_findings: Compiled | None = None
    found: list[str] = field(default_factory=list)
    spoken: Callable[[Match], str] | None = None

    def bind(self, value: Value) -> str:
        """Give a value a name; returns how the condition writes it."""
        name = f"{self.prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    @property
    def values(self) -> dict[str, Value]:
        """All bound values, those of what is asked of findings among them."""
        inner = {} if self.of_findings is None else self.of_findings.values
        return {**self.parameters, **inner}

    def read(self, column: Column) -> str:
        """Read a column as it is compared."""
        self.columns.add(column)
        return alias(column)

    def words(self, asked: Field) -> str:
        """Read the words of a field's columns; returns the name of the list."""
        self.columns.update(asked.columns)
        name = f"words_{asked.name}"
        texts = map(alias, asked.columns)
        self.worded[name] = [bare(text) for text in texts] if asked.kind is Kind.READ else list(texts)
        return name

    def one_finding(self, part: Filter) -> str:
        """Ask something of one finding; returns the name of the column that tells whether there is one."""
        self.of_findings = inner = self.of_findings or Compiled(prefix=f"{self.prefix}n")
        inner.found.append(_condition(part, inner))
        return f"found{len(inner.found) - 1}"

    def equality(self, asked: Field) -> int:
        """Number a condition of equality."""
        self.equalities.append(asked)
        return len(self.equalities) - 1

    def look_up(self, expression: str, value: str, condition: int) -> None:
        """Let a condition hold where the expression has a value."""
        found = self.lookups.setdefault(expression, {})
        found[value] = found.get(value, 0) | 1 << condition


def compile_filter(
    tree: Filter, prefix: str = "filter", spoken: Callable[[Match], str] | None = None
) -> Compiled:
    """Compile a filter that was parsed; its limits bound what the condition costs."""
    compiled = Compiled(prefix=prefix, spoken=spoken)
    compiled.condition = _condition(tree, compiled)
    return compiled


def chosen(compiled: Compiled, unit: str, column: str, findings: str = "seen") -> str:
    """The end of a query: further relations, then the values of a column of `unit` where the filter holds.

    Args:
        compiled: The filter.
        unit: A relation of images under their rows, with the column `digest` if findings are asked for.
        column: What is wanted of it.
        findings: A relation of findings, likewise by `digest`.
    """
    dates = dated(unit) if EVENT_DATE in compiled.columns else f"SELECT * FROM {unit}"
    places = placed("dated") if LATITUDE in compiled.columns else "SELECT * FROM dated"
    start = f"dated AS ({dates}), placed AS ({places}), "
    if compiled.of_findings is None:
        return f"{start}{asked(compiled, 'placed', column)}"
    start += _found(compiled.of_findings, findings)
    return f"{start}, {asked(compiled, 'sighted', column)}"


def holding(compiled: Compiled, findings: str, columns: str) -> str:
    """A query for columns of those findings of which holds what a filter, a `OneFinding`, asks of one.

    Args:
        compiled: That filter.
        findings: A relation of findings.
        columns: What is wanted of it.
    """
    if (inner := compiled.of_findings) is None:
        return f"SELECT {columns} FROM {findings} WHERE {_NEVER}"
    (condition,) = inner.found
    judged = f"spelt AS ({_worded(inner, findings)}), judged AS ({_looked_up(inner, 'spelt')})"
    return f"WITH {judged} SELECT {columns} FROM judged WHERE {condition}"


def _found(inner: Compiled, findings: str) -> str:
    """Relations up to `sighted`: `placed`, with what was asked of one finding; all are gone over once."""
    names = [f"found{number}" for number, _ in enumerate(inner.found)]
    held = ", ".join(f"{condition} AS {name}" for condition, name in zip(inner.found, names, strict=True))
    any_of = ", ".join(f"bool_or({name}) AS {name}" for name in names)
    told = ", ".join(f"coalesce({name}, false) AS {name}" for name in names)
    return (
        f"spelt AS ({_worded(inner, findings)}), judged AS ({_looked_up(inner, 'spelt')}), "
        f"found AS (SELECT digest, {any_of} FROM (SELECT digest, {held} FROM judged) "
        f"WHERE {' OR '.join(names)} GROUP BY digest), "
        f"sighted AS (SELECT placed.*, {told} FROM placed LEFT JOIN found USING (digest))"
    )


def asked(compiled: Compiled, unit: str, column: str) -> str:
    """The end of `chosen`, where `unit` has the days and the place of each row already."""
    return (
        f"worded AS ({_worded(compiled, unit)}), asked AS ({_looked_up(compiled, 'worded')}) "
        f"SELECT DISTINCT {column} FROM asked WHERE {compiled.condition}"
    )


def _worded(compiled: Compiled, unit: str) -> str:
    lists = "".join(f", {words_in(texts)} AS {name}" for name, texts in compiled.worded.items())
    return f"SELECT {unit}.*{lists} FROM {unit}"


def _looked_up(compiled: Compiled, unit: str) -> str:
    """A relation with the columns of `unit` and those by which the condition knows what was looked up."""
    words = range(-(-len(compiled.equalities) // _WORD))
    joins, held = "", {word: ["0"] for word in words}
    for number, (expression, values) in enumerate(compiled.lookups.items()):
        bits = "".join(
            f", unnest({compiled.bind([mask >> word * _WORD & 2**_WORD - 1 for mask in values.values()])}"
            f"::BIGINT[]) AS w{word}"
            for word in words
        )
        listed = f"SELECT unnest({compiled.bind(list(values))}::VARCHAR[]) AS value{bits}"
        joins += f" LEFT JOIN ({listed}) l{number} ON l{number}.value = {expression}"
        for word in words:
            held[word].append(f"coalesce(l{number}.w{word}, 0)")
    told = "".join(f", {' | '.join(parts)} AS held{word}" for word, parts in held.items())
    return f"SELECT {unit}.*{told} FROM {unit}{joins}"


def _condition(tree: Filter, compiled: Compiled) -> str:
    match tree:
        case And(parts):
            return _joined(parts, " AND ", _ALWAYS, compiled)
        case Or(parts):
            return _joined(parts, " OR ", _NEVER, compiled)
        case Not(part):
            return f"(NOT {_condition(part, compiled)})"
        case OneFinding(part):
            return compiled.one_finding(part)
        case Eq(_, value):
            return _any([*_unknown(tree.field, [value], compiled), _equal(tree.field, [value], compiled)])
        case In(_, values):
            return _any([*_unknown(tree.field, values, compiled), _equal(tree.field, values, compiled)])
        case Box():
            compiled.columns.update(tree.field.columns)
            return _in_box(tree, compiled)
        case _:
            return _any(_tests(tree, compiled))


def _joined(parts: tuple[Filter, ...], word: str, none: str, compiled: Compiled) -> str:
    return f"({word.join(_condition(part, compiled) for part in parts)})" if parts else none


def _any(tests: list[str]) -> str:
    """Whether one holds; null counts as no, and must not hide another's yes."""
    return "(" + " OR ".join(f"coalesce({test}, false)" for test in tests) + ")"


def _tests(leaf: Leaf, compiled: Compiled) -> list[str]:
    match leaf:
        case Match() if compiled.spoken is not None:
            return [compiled.spoken(leaf)]
        case Match(_, value):
            words = compiled.bind(list(words_asked(leaf.field, value)))
            return [f"list_has_all({compiled.words(leaf.field)}, {words}::VARCHAR[])"]
        case Exists() if leaf.field.kind is Kind.LICENSE:
            return [f"{compiled.read(SPDX)} IS NOT NULL"]
    names = {column: compiled.read(column) for column in leaf.field.columns}
    match leaf:
        case Exists():
            known = {Kind.DATE: [FIRST_DAY], Kind.PLACE: [POINT_X]}.get(leaf.field.kind, names.values())
            return [f"{name} IS NOT NULL" for name in known]
        case Prefix(_, value):
            start = compiled.bind(folded(value) or "")
            return [_begins(column, name, start) for column, name in names.items()]
        case Range(_, first, last):
            return [_within(first, last, compiled)]
        case Between():
            return [_between(leaf, compiled)]
        case Polygon(_, corners):
            return [_in_polygon(corners, compiled)]
        case Below(_, _, checklist):
            raise FilterRefused("the filter", f"{NOT_LOOKED_UP} {checklist}")
    return [_NEVER]


def _begins(column: Column, name: str, start: str) -> str:
    if column in LISTS:
        parts = f"string_split({name}, '{LISTS[column]}')"
        return f"len(list_filter({parts}, lambda part: starts_with(part, {start}))) > 0"
    return f"starts_with({name}, {start})"


def _within(first: str | None, last: str | None, compiled: Compiled) -> str:
    begins, ends = first and bound(first), last and bound(last)
    tests = [f"{FIRST_DAY} >= {compiled.bind(begins[0])}"] if begins else []
    return " AND ".join([*tests, f"{LAST_DAY} <= {compiled.bind(ends[1])}"] if ends else tests)


def _between(leaf: Between, compiled: Compiled) -> str:
    (column,) = leaf.field.columns
    ends = ((leaf.first, ">" if leaf.over else ">="), (leaf.last, "<" if leaf.under else "<="))
    return " AND ".join(
        f"{alias(column)} {sign} {compiled.bind(end.strip(' '))}::{NUMBER}"
        for end, sign in ends
        if end is not None
    )


def _in_box(box: Box, compiled: Compiled) -> str:
    (west, south), (east, north) = _point(box.west, box.south), _point(box.east, box.north)
    x = f"{POINT_X} >= {compiled.bind(west)}", f"{POINT_X} <= {compiled.bind(east)}"
    across = " AND ".join(x) if west <= east else f"({' OR '.join(x)})"
    level = f"{POINT_Y} BETWEEN {compiled.bind(south)} AND {compiled.bind(north)}"
    # Never null, and in a form that a scan can judge while it reads.
    return f"({POINT_X} IS NOT NULL AND {POINT_Y} IS NOT NULL AND {level} AND {across})"


def _in_polygon(corners: tuple[tuple[str, str], ...], compiled: Compiled) -> str:
    """As `manifests.filter.places.inside` has it; sides are asked only within the box around them."""
    points = [_point(*corner) for corner in corners]
    sides = compiled.bind([[*south, *north] for south, north in edges_of(points)])
    xs, ys = sorted(point.x for point in points), sorted(point.y for point in points)
    near = (
        f"{POINT_X} BETWEEN {compiled.bind(xs[0])} AND {compiled.bind(xs[-1])} "
        f"AND {POINT_Y} BETWEEN {compiled.bind(ys[0])} AND {compiled.bind(ys[-1])}"
    )
    west = (
        f"s[2] <= {POINT_Y} AND {POINT_Y} < s[4] "
        f"AND ({POINT_X} - s[1]) * (s[4] - s[2]) < ({POINT_Y} - s[2]) * (s[3] - s[1])"
    )
    odd = f"len(list_filter({sides}::BIGINT[][], lambda s: {west})) % 2 = 1"
    return f"CASE WHEN {near} THEN {odd} ELSE false END"


def _point(longitude: str, latitude: str) -> Point:
    return point_of(latitude, longitude) or Point(0, 0)


def _unknown(asked: Field, values: tuple[str, ...] | list[str], compiled: Compiled) -> list[str]:
    """The test of whether there is no SPDX identifier, where that is asked for."""
    if asked.kind is Kind.LICENSE and any(folded(value) == UNKNOWN for value in values):
        return [f"{compiled.read(SPDX)} IS NULL"]
    return []


def _equal(asked: Field, values: tuple[str, ...] | list[str], compiled: Compiled) -> str:
    wanted = [folded(value) or "" for value in values]
    if asked.kind is Kind.LICENSE:
        wanted = [value for value in wanted if value != UNKNOWN]
    columns = {column: compiled.read(column) for column in asked.columns}
    tests = [
        f"coalesce(list_has_any(string_split({name}, '{LISTS[column]}'), "
        f"{compiled.bind(wanted)}::VARCHAR[]), false)"
        for column, name in columns.items()
        if column in LISTS
    ]
    single = {column: name for column, name in columns.items() if column not in LISTS}
    if single:
        tests.append(_looked_for(asked, wanted, single, compiled))
    return f"({' OR '.join(tests)})"


def _looked_for(asked: Field, wanted: list[str], columns: dict[Column, str], compiled: Compiled) -> str:
    number = compiled.equality(asked)
    for value in wanted:
        if asked.kind is Kind.DATE:
            compiled.look_up({4: YEARS, 7: MONTH, 10: DAY}[len(value)], value, number)
            continue
        for column, name in columns.items():
            compiled.look_up(name, value, number)
            if column == SCIENTIFIC_NAME and (words := value.count(" ") + 1) <= MOST_WORDS:
                first = f"array_to_string(string_split({name}, ' ')[1:{words}], ' ')"
                compiled.look_up(first, value, number)
    word, bit = divmod(number, _WORD)
    return f"(held{word} & {1 << bit} <> 0)"
