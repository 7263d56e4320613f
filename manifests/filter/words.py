"""What a word is in a full text: a run of characters out of a table that never changes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from manifests.filter.comparing import folded
from manifests.filter.fields import Field, Kind

# Digits, the letters a to z, and all from U+00C0 on but the signs × and ÷ and the blocks of punctuation. No
# release of Unicode changes what a word is. Written in what RE2 and Python's re read alike.
WORD_PATTERN: Final = "[0-9a-zÀ-ÖØ-öø-\u1fff\u2070-\u2fff\u3040-\U0010ffff]+"
MOST_WORDS_ASKED: Final = 32
_WORD: Final = re.compile(WORD_PATTERN)


def words_of(text: str | None) -> tuple[str, ...]:
    """The words of a text in their order; A to Z made small, nothing else changed."""
    return tuple(_WORD.findall(folded(text) or ""))


# Letters that no canonical decomposition takes apart.
_BARRED: Final = {**dict(zip("ØøĐđŁłĦħŦŧ", "ooddllhhtt", strict=True)), "ı": "i"}
PAIRS: Final[Mapping[str, str]] = MappingProxyType(
    {"Æ": "ae", "æ": "ae", "Œ": "oe", "œ": "oe", "ẞ": "ss", "ß": "ss"}
)
MARKS: Final = "".join(map(chr, range(0x300, 0x370)))


def _bare_letters() -> Iterator[tuple[str, str]]:
    """Latin letters with marks, and what they are without: Unicode never changes a decomposition."""
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        first = unicodedata.normalize("NFD", chr(code))[0]
        if first != chr(code) and (first.isascii() or first in _BARRED or first in PAIRS):
            yield chr(code), _BARRED.get(first, first.lower() if first.isascii() else first)
    yield from _BARRED.items()


MARKED, BARE = map("".join, zip(*_bare_letters(), strict=True))
_BARER: Final = str.maketrans(MARKED, BARE, MARKS)


def bare(text: str) -> str:
    """A text whose Latin letters have lost their marks: what a reader of labels misses first."""
    plain = text.translate(_BARER)
    for letter, pair in PAIRS.items():
        plain = plain.replace(letter, pair)
    return plain


def bare_words_of(text: str | None) -> tuple[str, ...]:
    """The words of a text without the marks on their letters."""
    return words_of(None if text is None else bare(text))


def words_asked(field: Field, value: str) -> tuple[str, ...]:
    """The words of a value, as the field's are compared."""
    return bare_words_of(value) if field.kind is Kind.READ else words_of(value)
