"""The tokens of a filter's text form, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from manifests.errors import FilterRefused

_WIDTH: Final = 72  # columns of the line that are shown around a fault
_TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
    |(?P<text>"(?:[^"\\]|\\["\\])*"(?P<star>\*)?)
    |(?P<sign>[()~,]|<=|>=|<|>|:)
    |(?P<bare>[^ \t\r\n()~,<>:"]+)""",
    re.VERBOSE,
)
# In the place of a value, signs that begin no value belong to it: most identifiers are URLs.
_VALUE: Final = re.compile(r'[^ \t\r\n(),"]+')


class Sort(StrEnum):
    """What a token is."""

    WORD = "word"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        sort: What it is.
        text: Its text; of one in quotes what stands between them.
        start: Where it begins, in characters.
        star: Whether a `*` follows closely.
    """

    sort: Sort
    text: str
    start: int
    star: bool = False


class Scanner:
    """Reads tokens one after the other; looks one ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0

    def peek(self) -> Token:
        """The next token; it stays."""
        return self._read()[0]

    def take(self) -> Token:
        """The next token, as a name, a sign or a word."""
        token, self._at = self._read()
        return token

    def take_value(self) -> Token:
        """The next token, where a value stands: up to a blank, a comma or a parenthesis."""
        token, _ = self._read()
        if token.sort is Sort.TEXT or token.sort is Sort.END or token.text in ("(", ")", ","):
            return self.take()
        found = _VALUE.match(self.text, token.start)
        assert found is not None
        self._at = found.end()
        value = found[0]
        star = len(value) > 1 and value.endswith("*")
        return Token(Sort.WORD, value[:-1] if star else value, token.start, star)

    def refused(self, start: int, problem: str) -> FilterRefused:
        """An error that shows where in the text it is."""
        return refused_at(self.text, start, problem)

    def _read(self) -> tuple[Token, int]:
        at = self._at
        while (found := _TOKEN.match(self.text, at)) is not None and found.lastgroup == "blank":
            at = found.end()
        if at == len(self.text):
            return Token(Sort.END, "", at), at
        if found is None:
            raise self.refused(
                at, 'a text in quotes does not end; within it, " is written \\" and \\ is \\\\'
            )
        if found["text"] is not None:
            inner = found["text"].removesuffix("*") if found["star"] else found["text"]
            plain = re.sub(r"\\(.)", r"\1", inner[1:-1], flags=re.DOTALL)
            return Token(Sort.TEXT, plain, at, found["star"] is not None), found.end()
        sort = Sort.SIGN if found["sign"] is not None else Sort.WORD
        return Token(sort, found[0], at), found.end()


def refused_at(text: str, start: int, problem: str) -> FilterRefused:
    """An error that names line and column, and points there."""
    line = text.count("\n", 0, start) + 1
    begin = text.rfind("\n", 0, start) + 1
    column = start - begin
    end = text.find("\n", start)
    whole = text[begin : end if end >= 0 else len(text)].rstrip("\r").replace("\t", " ")
    left = max(0, column - _WIDTH // 2)
    whole = "".join(sign if sign.isprintable() else "?" for sign in whole)
    shown = f"    {whole[left : left + _WIDTH]}\n    {' ' * (column - left)}^"
    return FilterRefused(f"line {line}, column {column + 1}", problem, shown)
