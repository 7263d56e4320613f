"""A filter as a condition for DuckDB: the text is ours alone, all that a stranger wrote is a bound value.

It holds for exactly the rows for which `manifests.filter.matches` does; tests hold the two together. Values
are never compared one by one: all conditions of equality on a column are answered by one look-up of its
value, which gives the set of conditions that hold. So the costliest filter takes little longer than any.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from manifests.filter import And, Eq, Exists, Filter, In, Not, Or, Prefix, Range
from manifests.filter.comparing import MOST_WORDS, bound, folded
from manifests.filter.fields import SCIENTIFIC_NAME, Column, Field, Kind
from manifests.filter.model import Leaf
from node.slices.columns import DAY, FIRST_DAY, LAST_DAY, MONTH, YEARS, alias

Value = str | list[str] | list[int]
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
    """

    condition: str = _ALWAYS
    parameters: dict[str, Value] = field(default_factory=dict)
    columns: set[Column] = field(default_factory=set)
    lookups: dict[str, dict[str, int]] = field(default_factory=dict)
    equalities: list[Field] = field(default_factory=list)

    def bind(self, value: Value) -> str:
        """Give a value a name; returns how the condition writes it."""
        name = f"filter{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def read(self, column: Column) -> str:
        """Read a column as it is compared."""
        self.columns.add(column)
        return alias(column)

    def equality(self, asked: Field) -> int:
        """Number a condition of equality."""
        self.equalities.append(asked)
        return len(self.equalities) - 1

    def look_up(self, expression: str, value: str, condition: int) -> None:
        """Let a condition hold where the expression has a value."""
        found = self.lookups.setdefault(expression, {})
        found[value] = found.get(value, 0) | 1 << condition


def compile_filter(tree: Filter) -> Compiled:
    """Compile a filter that was parsed; its limits bound what the condition costs."""
    compiled = Compiled()
    compiled.condition = _condition(tree, compiled)
    return compiled


def looked_up(compiled: Compiled, unit: str) -> str:
    """A relation with the columns of `unit` and those by which the condition knows what was looked up."""
    words = range(-(-len(compiled.equalities) // _WORD))
    joins, held = "", {word: ["0"] for word in words}
    for number, (expression, values) in enumerate(compiled.lookups.items()):
        bits = "".join(
            f", unnest({compiled.bind([mask >> word * _WORD & 2**_WORD - 1 for mask in values.values()])}"
            f"::BIGINT[]) AS w{word}"
            for word in words
        )
        asked = f"SELECT unnest({compiled.bind(list(values))}::VARCHAR[]) AS value{bits}"
        joins += f" LEFT JOIN ({asked}) l{number} ON l{number}.value = {expression}"
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
        case Eq(_, value):
            return _equal(tree.field, [value], compiled)
        case In(_, values):
            return _equal(tree.field, values, compiled)
        case _:
            return _any(_tests(tree, compiled))


def _joined(parts: tuple[Filter, ...], word: str, none: str, compiled: Compiled) -> str:
    return f"({word.join(_condition(part, compiled) for part in parts)})" if parts else none


def _any(tests: list[str]) -> str:
    """Whether one holds; null counts as no, and must not hide another's yes."""
    return "(" + " OR ".join(f"coalesce({test}, false)" for test in tests) + ")"


def _tests(leaf: Leaf, compiled: Compiled) -> list[str]:
    names = [compiled.read(column) for column in leaf.field.columns]
    match leaf:
        case Exists() if leaf.field.kind is Kind.DATE:
            return [f"{FIRST_DAY} IS NOT NULL"]
        case Exists():
            return [f"{name} IS NOT NULL" for name in names]
        case Prefix(_, value):
            start = compiled.bind(folded(value) or "")
            return [f"starts_with({name}, {start})" for name in names]
        case Range(_, first, last):
            return [_within(first, last, compiled)]
        case _:
            return [_NEVER]


def _within(first: str | None, last: str | None, compiled: Compiled) -> str:
    begins, ends = first and bound(first), last and bound(last)
    tests = [f"{FIRST_DAY} >= {compiled.bind(begins[0])}"] if begins else []
    return " AND ".join([*tests, f"{LAST_DAY} <= {compiled.bind(ends[1])}"] if ends else tests)


def _equal(asked: Field, values: tuple[str, ...] | list[str], compiled: Compiled) -> str:
    number = compiled.equality(asked)
    columns = [(column, compiled.read(column)) for column in asked.columns]
    for value in values:
        if asked.kind is Kind.DATE:
            compiled.look_up({4: YEARS, 7: MONTH, 10: DAY}[len(value)], value, number)
            continue
        wanted = folded(value) or ""
        for column, name in columns:
            compiled.look_up(name, wanted, number)
            if column == SCIENTIFIC_NAME and (words := wanted.count(" ") + 1) <= MOST_WORDS:
                first = f"array_to_string(string_split({name}, ' ')[1:{words}], ' ')"
                compiled.look_up(first, wanted, number)
    word, bit = divmod(number, _WORD)
    return f"(held{word} & {1 << bit} <> 0)"
