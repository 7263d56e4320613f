"""From the short text form of a filter to its tree (spec/filters.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from manifests.errors import FilterRefused
from manifests.filter.binding import Loose, bound_in, depth_of, size_of
from manifests.filter.checks import (
    check_corners,
    check_count,
    check_degrees,
    check_depth,
    check_digest,
    check_field,
    check_list,
    check_operator,
    check_parallels,
    check_size,
    check_value,
    check_words,
)
from manifests.filter.comparing import after, before, bound
from manifests.filter.fields import FIELDS, FINDING_FIELDS, Field, Kind
from manifests.filter.findings import SHORT
from manifests.filter.model import (
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
from manifests.filter.scan import Scanner, Sort, Token

BELOW: Final = "below"
ALL: Final = "ALL"
NONE: Final = "NONE"
FINDING: Final = "finding"
KEYWORDS: Final = frozenset({"AND", "OR", "NOT", ALL, NONE})
# Names that people type, beside those of the fields.
_REVIEWED: Final = ("accepted", "rejected")
_ALSO: Final = {"year": "date", "name": "scientificName", "collector": "recordedBy", "type": "typeStatus"}
# Between two numbers, which belong to what is meant unless there is a `<`.
_INTERVAL: Final = re.compile(r"([^<.]+(?:\.[^<.]+)?)(<?)\.\.(<?)(.+)")
_SIGNS: Final = (":", "~", "<=", ">=", "<", ">")
_Read = TypeVar("_Read")


def parse_text(text: str) -> Filter:
    """Read a filter in its text form.

    Raises:
        FilterRefused: it is none, or beyond the limits; the message points at the place in the text.
    """
    reader = _Reader(Scanner(text))
    reader.at(0, check_size, text.encode("utf-8", "surrogatepass"))
    tree = reader.either(1)
    token = reader.scanner.take()
    if token.sort is not Sort.END:
        raise reader.scanner.refused(token.start, f"{token.text[:40]!r} has no place here")
    tree = bound_in(tree)
    # What says more of several findings stands with each of them now.
    reader.at(0, check_count, size_of(tree))
    reader.at(0, check_depth, depth_of(tree))
    return tree


@dataclass(slots=True)
class _Reader:
    """Descends the grammar; counts what it reads; knows whether it is within `finding(...)`."""

    scanner: Scanner
    nodes: int = 0
    of_finding: bool = False

    def at(self, start: int, check: Callable[..., _Read], *values: object, **more: object) -> _Read:
        """Do a check; what it refuses is told with the place in the text."""
        try:
            return check(*values, "", **more)
        except FilterRefused as error:
            raise self.scanner.refused(start, error.problem) from None

    def count(self, start: int) -> None:
        self.nodes += 1
        self.at(start, check_count, self.nodes)

    def either(self, nested: int) -> Filter:
        """Conditions joined by OR; `nested` counts what is around them, which bounds the calls."""
        start = self.scanner.peek().start
        parts = [self.both(nested)]
        while self.keyword("OR"):
            parts.append(self.both(nested))
        if len(parts) == 1:
            return parts[0]
        self.count(start)
        return Or(tuple(parts))

    def both(self, nested: int) -> Filter:
        start = self.scanner.peek().start
        parts = [self.one(nested)]
        while self.keyword("AND") or self.begins_another():
            parts.append(self.one(nested))
        if len(parts) == 1:
            return parts[0]
        self.count(start)
        return And(tuple(parts))

    def begins_another(self) -> bool:
        """Whether a further condition follows; between two, AND may be left out."""
        token = self.scanner.peek()
        if token.sort is Sort.WORD:
            return token.text not in ("AND", "OR")
        return token.sort is Sort.TEXT or token.text == "("

    def keyword(self, word: str) -> bool:
        token = self.scanner.peek()
        if token.sort is Sort.WORD and token.text == word:
            self.scanner.take()
            return True
        return False

    def one(self, nested: int) -> Filter:
        token = self.scanner.take()
        self.at(token.start, check_depth, nested)
        if token.text == "(" and token.sort is Sort.SIGN:
            tree = self.either(nested + 1)
            self.expect(")", "a parenthesis that was opened is not closed")
            return tree
        self.count(token.start)
        if token.sort is Sort.WORD and token.text == "NOT":
            return Not(self.one(nested + 1))
        return self.condition(token, nested)

    def condition(self, token: Token, nested: int) -> Filter:
        if token.sort is Sort.TEXT:
            return self.everywhere(token)
        if token.sort is not Sort.WORD or token.text in ("AND", "OR"):
            shown = f"{token.text!r}" if token.text else "the end"
            raise self.scanner.refused(token.start, f"a condition is expected, not {shown}")
        if token.text in (ALL, NONE):
            return And(()) if token.text == ALL else Or(())
        sign = self.scanner.peek()
        if token.text == FINDING and self.opens():
            return self.one_finding(token, nested)
        if sign.sort is not Sort.SIGN or sign.text not in _SIGNS:
            return self.everywhere(token)
        self.scanner.take()
        return self.finding(token, sign) or self.told(self.field(token), sign)

    def everywhere(self, token: Token) -> Filter:
        """Words alone: those of the record, or within `finding(...)` those of the finding."""
        field = FINDING_FIELDS["says"] if self.of_finding else FIELDS["text"]
        return Match(field, self.at(token.start, check_words, field, token.text))

    def field(self, token: Token) -> Field:
        name = _ALSO.get(token.text, token.text)
        field: Field = self.at(token.start, check_field, name, of_finding=self.of_finding)
        return field

    def told(self, field: Field, sign: Token) -> Filter:
        return self.asked(field) if sign.text == ":" else self.compared(field, sign)

    def one_finding(self, token: Token, nested: int) -> Filter:
        """What stands in `finding(...)`: all of it is asked of one finding."""
        if self.of_finding:
            raise self.scanner.refused(token.start, "a finding has no findings of its own")
        self.scanner.take()
        self.of_finding = True
        part = self.either(nested + 1)
        self.expect(")", "a parenthesis that was opened is not closed")
        self.of_finding = False
        return OneFinding(part)

    def finding(self, token: Token, sign: Token) -> Filter | None:
        """A condition that asks of a finding, wherever it stands; None if it asks of the record."""
        part: Filter
        kind = token.text if token.text in SHORT else token.text.removeprefix(f"{FINDING}.")
        if kind != token.text or kind in SHORT:
            has, value = FINDING_FIELDS["has"], FINDING_FIELDS["value"]
            part = And((Eq(has, self.at(token.start, check_value, has, kind)), self.told(value, sign)))
            qualifies = False
        elif token.text in _REVIEWED and sign.text == ":":
            part, qualifies = self.reviewed(token), True
        elif token.text in FINDING_FIELDS:
            field = FINDING_FIELDS[token.text]
            part, qualifies = self.told(field, sign), field.qualifies
        else:
            return None
        return part if self.of_finding else Loose(part, qualifies)

    def reviewed(self, token: Token) -> Filter:
        """Short for what was decided: `accepted:yes`."""
        answer = self.scanner.take_value()
        if answer.text not in ("yes", "no"):
            raise self.scanner.refused(answer.start, f"{token.text} is yes or no")
        field = FINDING_FIELDS["review"]
        held: Filter = Eq(field, token.text)
        return held if answer.text == "yes" else Not(held)

    def asked(self, field: Field) -> Filter:
        """What stands behind a colon."""
        if field.kind is Kind.PLACE:
            return self.place(field)
        token = self.scanner.take_value()
        if token.text == "(" and token.sort is Sort.SIGN:
            self.operator(field, "in", token)
            values = self.listed(lambda: self.value(field, self.scanner.take_value()))
            self.at(token.start, check_list, values)
            return In(field, tuple(values))
        if field.kind is Kind.TAXON and token.text == BELOW and self.opens():
            return self.below(field, token)
        if token.text == "*" and token.sort is Sort.WORD:
            self.operator(field, "exists", token)
            return Exists(field)
        if token.star:
            self.operator(field, "prefix", token)
            return Prefix(field, self.value(field, token, starred=True))
        if field.kind is Kind.DATE and ".." in token.text:
            return self.interval(field, token)
        if field.kind is Kind.NUMBER:
            return self.numbers(field, token)
        if field.kind in (Kind.WORDS, Kind.READ):
            return self.words(field, token)
        self.operator(field, "eq", token)
        return Eq(field, self.value(field, token))

    def compared(self, field: Field, sign: Token) -> Filter:
        token = self.scanner.take_value()
        if sign.text == "~":
            return self.words(field, token)
        if field.kind is Kind.NUMBER:
            text, open_ = self.value(field, token), len(sign.text) == 1
            return (
                Between(field, None, text, under=open_)
                if sign.text[0] == "<"
                else Between(field, text, over=open_)
            )
        self.operator(field, "range", sign)
        text = self.value(field, token)
        if sign.text in ("<", ">"):
            beside = (before if sign.text == "<" else after)(text)
            if beside is None:
                raise self.scanner.refused(token.start, f"no date lies {sign.text} {text}")
            text = beside
        return Range(field, None, text) if sign.text[0] == "<" else Range(field, text, None)

    def words(self, field: Field, token: Token) -> Filter:
        self.operator(field, "match", token)
        return Match(field, self.at(token.start, check_words, field, self.filled(token).text))

    def numbers(self, field: Field, token: Token) -> Filter:
        found = _INTERVAL.fullmatch(token.text)
        if found is None:
            text = self.value(field, token)
            return Between(field, text, text)
        first, over, under, last = found.groups()
        for text, start in ((first, found.start(1)), (last, found.start(4))):
            self.at(token.start + start, check_value, field, text)
        return Between(field, first, last, bool(over), bool(under))

    def interval(self, field: Field, token: Token) -> Filter:
        self.operator(field, "range", token)
        first, last = token.text.split("..", 1)
        for text, start in ((first, token.start), (last, token.start + len(first) + 2)):
            if bound(text) is None:
                self.at(start, check_value, field, text)
        return Range(field, first, last)

    def place(self, field: Field) -> Filter:
        token = self.scanner.take()
        if token.text == "*" and token.sort is Sort.WORD:
            return Exists(field)
        if token.sort is not Sort.WORD or token.text not in ("box", "polygon"):
            raise self.scanner.refused(
                token.start, "a place is asked with box(west, south, east, north), polygon(...) or *"
            )
        self.expect("(", f"{token.text} is followed by (")
        return self.box(field, token) if token.text == "box" else self.polygon(field, token)

    def opens(self) -> bool:
        token = self.scanner.peek()
        return token.sort is Sort.SIGN and token.text == "("

    def below(self, field: Field, token: Token) -> Filter:
        self.scanner.take()
        parts = self.listed(self.scanner.take_value)
        if len(parts) != 2:
            raise self.scanner.refused(token.start, "what lies below is asked with below(taxon, checklist)")
        taxon, digest = parts
        self.operator(field, "below", token)
        return Below(
            field, self.value(field, taxon), self.at(digest.start, check_digest, self.filled(digest).text)
        )

    def box(self, field: Field, token: Token) -> Filter:
        sides = self.listed(self.scanner.take_value)
        if len(sides) != 4:
            raise self.scanner.refused(token.start, "a box has four sides: west, south, east, north")
        west, south, east, north = (
            self.degrees(side, latitude=place % 2 == 1) for place, side in enumerate(sides)
        )
        self.at(token.start, check_parallels, south, north)
        return Box(field, west, south, east, north)

    def polygon(self, field: Field, token: Token) -> Filter:
        corners = self.listed(self.corner)
        self.at(token.start, check_corners, corners)
        return Polygon(field, tuple(corners))

    def corner(self) -> tuple[str, str]:
        longitude = self.degrees(self.scanner.take_value(), latitude=False)
        return longitude, self.degrees(self.scanner.take_value(), latitude=True)

    def degrees(self, token: Token, *, latitude: bool) -> str:
        return self.at(token.start, check_degrees, self.filled(token).text, latitude=latitude)

    def listed(self, read: Callable[[], _Read]) -> list[_Read]:
        """What stands between parentheses, with commas; the first parenthesis is taken already."""
        values: list[_Read] = []
        if self.scanner.peek().text == ")":
            self.scanner.take()
            return values
        while True:
            values.append(read())
            token = self.scanner.take()
            if token.sort is Sort.SIGN and token.text == ")":
                return values
            if token.sort is not Sort.SIGN or token.text != ",":
                raise self.scanner.refused(token.start, "a list goes on with a comma or ends with )")

    def value(self, field: Field, token: Token, *, starred: bool = False) -> str:
        if token.star and not starred:
            raise self.scanner.refused(
                token.start, "beginnings with * cannot stand in a list or behind < and >"
            )
        return self.at(token.start, check_value, field, self.filled(token).text)

    def filled(self, token: Token) -> Token:
        """A token that can be a value."""
        if token.sort is Sort.END or token.sort is Sort.SIGN:
            raise self.scanner.refused(
                token.start, "a value is missing; one with blanks or signs takes quotes"
            )
        return token

    def operator(self, field: Field, operator: str, token: Token) -> None:
        self.at(token.start, check_operator, field, operator)

    def expect(self, sign: str, problem: str) -> None:
        token = self.scanner.take()
        if token.sort is not Sort.SIGN or token.text != sign:
            raise self.scanner.refused(token.start, problem)
