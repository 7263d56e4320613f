"""A filter as a condition on units: judged on combinations of values first, which are few.

It holds for a unit exactly if `manifests.filter.matches` does for the record under those rights. What a
stranger wrote is bound, never part of the SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from manifests.filter import And, Eq, Exists, Filter, In, Match, Not, OneFinding, Or, Prefix
from manifests.filter.comparing import folded
from manifests.filter.fields import Column, Field, Kind
from manifests.filter.model import Leaf
from manifests.filter.words import words_asked, words_of
from node.search.database import PICTURES, Numbers, Query
from node.search.groups import DETAIL, FOUND, GROUPS, OF_SPECIMEN, PLACE, RIGHTS, Group, group_of, said_bit
from node.slices.columns import alias, compared
from node.slices.compile import asked, compile_filter

_RANGES: Final = 8  # so many runs of numbers are compared one by one
_LISTED: Final = 256  # so many numbers stand in the query; they are ours
_SPARSE: Final = 10  # if no more than one of so many numbers is wanted, they are joined; else each has a bit
_LOOKED_UP: Final = 20  # of so many values all words are looked up; of more, one of each


_WITH_WORDS: Final = tuple(group for group in OF_SPECIMEN if group.texts)


@dataclass(slots=True)
class Where:
    """A condition over the table of units.

    Attributes:
        condition: SQL; never null.
        parameters: Its bound values by name.
        media: Whether it depends on the medium, so that units of one record may differ.
        sights: What it asks of one image, by the name of the column that it knows it by: SQL over `image`.
        costly: Whether it looks things up, so that it should not be judged again and again.
    """

    condition: str = "true"
    parameters: dict[str, Any] = field(default_factory=dict)
    media: bool = False
    costly: bool = False
    sights: dict[str, str] = field(default_factory=dict)


def where(query: Query, tree: Filter | None) -> Where:
    """Judge a filter as far as combinations go, and make a condition of the rest.

    Args:
        query: The question that this is part of.
        tree: The filter; None for all records.
    """
    made = _Maker(query)
    condition = "true" if tree is None else made.condition(tree)
    if len(query.hidden):
        condition = f"({condition} AND NOT {made.records(query.hidden)})"
    return Where(condition, made.parameters, made.media, made.costly, made.sights)


@dataclass(slots=True)
class _Maker:
    query: Query
    parameters: dict[str, Any] = field(default_factory=dict)
    media: bool = False
    costly: bool = False
    sights: dict[str, str] = field(default_factory=dict)
    names: int = 0

    def prefix(self) -> str:
        self.names += 1
        return f"f{self.names}x"

    def condition(self, tree: Filter) -> str:
        groups = _groups(tree)
        if RIGHTS in groups:
            self.media = True
        if len(groups) == 1 and not _has_match(tree):
            (group,) = groups
            if group in GROUPS:
                return self.combinations(group, tree)
            if group is PLACE:
                return self.inline(tree)
        match tree:
            case And(parts):
                return self.joined(And, _clustered(And, parts), " AND ", "true")
            case Or(parts):
                return self.joined(Or, _clustered(Or, parts), " OR ", "false")
            case Not(part):
                return f"(NOT {self.condition(part)})"
            case OneFinding(part):
                return self.one_finding(part)
        return self.leaf(tree, groups)

    def one_finding(self, part: Filter) -> str:
        """Findings are judged one by one; what is kept of them is the numbers of their pictures."""
        compiled = compile_filter(part, self.prefix(), self.spoken)
        numbers = self.query.numbers(f"WITH {asked(compiled, 'finding', 'image')}", compiled.parameters)
        self.media = self.costly = True
        name = f"sight{len(self.sights)}"
        # No finding is in picture 0, which `among` does not know of.
        self.sights[name] = f"(image > 0 AND {self.among('image', numbers, self.query.sizes[PICTURES])})"
        return name

    def spoken(self, leaf: Match) -> str:
        """That a finding has words: looked up, so that no text is read."""
        read = " AND read" if leaf.field.name == "ocr" else ""
        words = dict.fromkeys(words_asked(leaf.field, leaf.value))
        tests = (f"SELECT id FROM words_finding WHERE word = $w{n}{read}" for n, _ in enumerate(words))
        values = {f"w{n}": word for n, word in enumerate(words)}
        found = self.query.numbers(" INTERSECT ".join(tests), values)
        return f"(id IN (SELECT id FROM {self.query.look_up(found)}))"

    def joined(self, kind: type, parts: list[Filter], word: str, none: str) -> str:
        return f"({word.join(self.condition(part) for part in parts)})" if parts else none

    def leaf(self, leaf: Leaf, groups: tuple[Group, ...]) -> str:
        if isinstance(leaf, Match) and leaf.field.kind is Kind.WORDS:
            return "(" + " AND ".join(self.word(word) for word in dict.fromkeys(words_of(leaf.value))) + ")"
        if len(groups) > 1:
            parts = [replace(leaf, field=_within(leaf, group)) for group in groups]
            return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
        (group,) = groups
        if group is DETAIL:
            return self.details(leaf)
        assert isinstance(leaf, Match)
        if not set(leaf.field.columns) <= set(group.texts):
            return self.combinations(group, leaf)
        candidates = self.query.look_up(self.candidates(group, [words_of(leaf.value)]))
        return self.combinations(group, leaf, candidates)

    def inline(self, tree: Filter) -> str:
        """Where a record was collected stands in its unit."""
        self.costly = True
        compiled = compile_filter(tree, self.prefix())
        self.parameters.update(compiled.parameters)
        return compiled.condition

    def combinations(self, group: Group, tree: Filter, among: str = "") -> str:
        """The numbers of the combinations for which a filter holds."""
        compiled = compile_filter(tree, self.prefix())
        source = f"SELECT * FROM {group.name}" + (f" WHERE id IN (SELECT id FROM {among})" if among else "")
        judged = f"WITH combination AS ({source}), {asked(compiled, 'combination', 'id')}"
        numbers = self.query.numbers(judged, compiled.parameters)
        return self.among(group.name, numbers, self.query.sizes[group.name])

    def among(self, column: str, numbers: Numbers, size: int) -> str:
        """That a column, whose values go from 1 to `size`, is one of some numbers."""
        held = np.zeros(size + 1, np.bool_)
        held[numbers] = True
        inside, outside = _runs(held), _runs(~held[1:], 1)
        if min(len(inside), len(outside)) <= _RANGES:
            fewer = len(inside) <= len(outside)
            return _in_runs(column, inside) if fewer else f"(NOT {_in_runs(column, outside)})"
        if len(numbers) <= _LISTED:
            return f"({column} IN ({', '.join(map(str, np.flatnonzero(held)))}))"
        self.costly = True
        if len(numbers) * _SPARSE <= size:
            return f"({column} IN (SELECT id FROM {self.query.look_up(numbers)}))"
        bits = f"{self.prefix()}0"
        self.parameters[bits] = np.packbits(held).tobytes()
        return f"(get_bit(${bits}::BLOB::BIT, {column}) = 1)"

    def records(self, numbers: Numbers) -> str:
        """That a record is one of some."""
        return self.among("number", numbers, self.query.records)

    def word(self, word: str) -> str:
        """That a word stands anywhere in a record."""
        tests = [
            self.among(group.name, self.candidates(group, [(word,)]), self.query.sizes[group.name])
            for group in _WITH_WORDS
        ]
        tests.append(self.records(self.candidates(DETAIL, [(word,)])))
        return "(" + " OR ".join(tests) + ")"

    def details(self, leaf: Leaf) -> str:
        """Values that most records have for themselves are compared in few records: those with the words."""
        if isinstance(leaf, Match):
            return self.records(self.candidates(DETAIL, [words_of(leaf.value)], columns=leaf.field.columns))
        if isinstance(leaf, Exists):
            return f"(said & {sum(map(said_bit, leaf.field.columns))} <> 0)"
        compiled = compile_filter(leaf, self.prefix())
        columns = "".join(f", {compared(c, 'detail')} AS {alias(c)}" for c in leaf.field.columns)
        source = f"SELECT number AS id{columns} FROM detail"
        likely = self.likely(leaf)
        if likely is not None:
            # Joined, so that the texts of no other record are read.
            source += f" WHERE number IN (SELECT id FROM {self.query.look_up(likely)})"
        judged = f"WITH record AS ({source}), {asked(compiled, 'record', 'id')}"
        return self.records(self.query.numbers(judged, compiled.parameters))

    def likely(self, leaf: Leaf) -> Numbers | None:
        """The records that can have a value, by its words; None if that cannot be told."""
        columns = leaf.field.columns
        match leaf:
            case Eq(_, value):
                return self.with_words([words_of(value)], columns)
            case In(_, values) if len(values) <= _LOOKED_UP:
                return self.with_words([words_of(value) for value in values], columns)
            case In(_, values):
                return self.with_one_word([words_of(value) for value in values], columns)
            case Prefix(_, value):
                words = words_of(value)
                # Of the last word only the beginning may stand there.
                begun = bool(words) and (folded(value) or "").endswith(words[-1])
                return self.with_words([words[:-1] if begun else words], columns, words[-1] if begun else "")
        return None

    def with_words(
        self, wanted: list[tuple[str, ...]], columns: tuple[Column, ...], begun: str = ""
    ) -> Numbers | None:
        """`candidates` among details, if each list has a word."""
        return self.candidates(DETAIL, wanted, begun, columns) if begun or all(wanted) else None

    def with_one_word(self, wanted: list[tuple[str, ...]], columns: tuple[Column, ...]) -> Numbers | None:
        """Numbers of details under which the longest word of a list stands, if each list has a word."""
        if not all(wanted):
            return None
        words = sorted({max(words, key=len) for words in wanted})
        query = f"SELECT DISTINCT id FROM words_detail WHERE {_parts(columns)}word IN (SELECT unnest($words))"
        return self.query.numbers(query, {"words": words})

    def candidates(
        self, group: Group, wanted: list[tuple[str, ...]], begun: str = "", columns: tuple[Column, ...] = ()
    ) -> Numbers:
        """Numbers under which all words of a list stand, and one that begins so, if that is asked.

        Args:
            group: Where.
            wanted: Lists of words; all of one of them have to be there.
            begun: How another word begins.
            columns: Only in these columns of the details.
        """
        source = f"SELECT id FROM words_{group.name} WHERE {_parts(columns)}"
        queries, values = [], dict[str, Any]()
        for place, words in enumerate(map(dict.fromkeys, wanted)):
            tests = [f"{source} word = $w{place}_{n}" for n, _ in enumerate(words)]
            values.update({f"w{place}_{n}": word for n, word in enumerate(words)})
            if begun:
                tests.append(f"{source} word >= $begun AND starts_with(word, $begun)")
                values["begun"] = begun
            queries.append("(" + " INTERSECT ".join(tests) + ")")
        if not queries:
            return np.empty(0, np.int32)
        return self.query.numbers(" UNION ALL ".join(queries), values)


def _parts(columns: tuple[Column, ...]) -> str:
    places = ", ".join(str(DETAIL.columns.index(column)) for column in columns)
    return f"part IN ({places}) AND " if places else ""


def _groups(tree: Filter) -> tuple[Group, ...]:
    match tree:
        case And(parts) | Or(parts):
            return tuple(dict.fromkeys(group for part in parts for group in _groups(part)))
        case Not(part):
            return _groups(part)
        case OneFinding():
            return (FOUND,)
    return tuple(dict.fromkeys(map(group_of, tree.field.columns)))


def _has_match(tree: Filter) -> bool:
    match tree:
        case And(parts) | Or(parts):
            return any(map(_has_match, parts))
        case Not(part):
            return _has_match(part)
    return isinstance(tree, Match)


def _within(leaf: Leaf, group: Group) -> Field:
    columns = tuple(column for column in leaf.field.columns if column in group.columns)
    return replace(leaf.field, columns=columns)


def _clustered(kind: type, parts: tuple[Filter, ...]) -> list[Filter]:
    """The parts, those on one group together, so that they are judged at once."""
    clusters: dict[object, list[Filter]] = {}
    for place, part in enumerate(parts):
        groups = _groups(part)
        alone = len(groups) != 1 or groups[0] in (DETAIL, FOUND) or _has_match(part)
        clusters.setdefault(place if alone else groups[0], []).append(part)
    return [kind(tuple(found)) if len(found) > 1 else found[0] for found in clusters.values()]


def _runs(held: np.ndarray[Any, np.dtype[np.bool_]], first: int = 0) -> list[tuple[int, int]]:
    """The first and last number of each run that is held, at most one more than are of use.

    Args:
        held: For each number whether it is.
        first: The number of the first.
    """
    turns = np.flatnonzero(np.diff(held, prepend=False, append=False))[: 2 * _RANGES + 2] + first
    return [(int(begin), int(end) - 1) for begin, end in turns.reshape(-1, 2)]


def _in_runs(column: str, runs: list[tuple[int, int]]) -> str:
    tests = (f"{column} BETWEEN {first} AND {last}" for first, last in runs)
    return f"({' OR '.join(tests) or 'false'})"
