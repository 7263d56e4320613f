"""In which language a page speaks, and its words: English in the source, others in catalogues of gettext."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal
from babel.support import NullTranslations, Translations

FOLDER: Final = Path(__file__).with_name("languages")
SOURCE: Final = "en"
# Their names in themselves: who looks for one cannot read the others.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "fr": "Français", "es": "Español"}
# Made out of the source's words when it is asked for: what stays in plain English was never marked.
PSEUDO: Final = "en-XA"
_ASKED: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*"
)
_TAGS: Final = re.compile(r"%\([a-z_]+\)s|<[^>]*>|&[a-z]+;")
_ACCENTED: Final = str.maketrans("aeiounAEIOUNcsyz", "áéíóúñÁÉÍÓÚÑçšýž")


class Language:
    """One language: its words, numbers, dates and names of countries."""

    def __init__(self, code: str) -> None:
        """Reads its catalogue.

        Args:
            code: Out of `LANGUAGES`, or `PSEUDO`.
        """
        self.code = code
        self._locale = Locale.parse(SOURCE if code == PSEUDO else code)
        self.words: NullTranslations = _Pseudo() if code == PSEUDO else _catalogue(code)

    def number(self, value: int | float) -> str:
        """A number with its separators."""
        return format_decimal(value, locale=self._locale)

    def short_number(self, value: int) -> str:
        """A number that has little room: 12K."""
        return format_compact_decimal(value, locale=self._locale, fraction_digits=1)

    def day(self, value: str | date | None) -> str:
        """A day, from ISO 8601; what cannot be read stays as it is written."""
        if not isinstance(value, str):
            return format_date(value, "long", locale=self._locale) if value else ""
        try:
            return format_date(datetime.fromisoformat(value).date(), "long", locale=self._locale)
        except ValueError:
            return value

    def moment(self, value: str | None) -> str:
        """A day and time (UTC), from ISO 8601."""
        try:
            return format_datetime(datetime.fromisoformat(value or ""), "d MMM y, HH:mm", locale=self._locale)
        except ValueError:
            return value or ""

    def country(self, code: str) -> str:
        """The name of a country, by its ISO 3166-1 alpha-2 code; anything else as it is."""
        return str(self._locale.territories.get(code.upper(), code)) if len(code) == 2 else code

    def size(self, octets: int | None) -> str:
        """A length in the units of SI."""
        if octets is None:
            return ""
        value, unit = float(octets), "B"
        for unit in ("B", "kB", "MB", "GB", "TB"):
            if value < 1000 or unit == "TB":
                break
            value /= 1000
        return f"{format_decimal(round(value, 1 if unit != 'B' else 0), locale=self._locale)} {unit}"


def marked(words: str) -> str:
    """Words that are translated where they are shown: so the tool that gathers all texts finds them."""
    return words


@lru_cache(maxsize=len(LANGUAGES) + 1)
def language(code: str) -> Language:
    """A language by its code."""
    return Language(code)


def negotiated(accepted: str, chosen: str | None = None) -> Language:
    """The language for a request.

    Args:
        accepted: Its Accept-Language field (RFC 9110, section 12.5.4).
        chosen: What the reader chose before, if it is one of ours.
    """
    if chosen in LANGUAGES or chosen == PSEUDO:
        return language(str(chosen))
    wishes = [
        (found[1], float(found[2] or 1))
        for part in accepted[:500].split(",")
        if (found := _ASKED.fullmatch(part))
    ]
    wanted = [tag for tag, weight in sorted(wishes, key=lambda wish: -wish[1]) if weight > 0]
    try:
        best = negotiate_locale(wanted, list(LANGUAGES), sep="-")
    except (UnknownLocaleError, ValueError):
        best = None
    return language(best.partition("-")[0] if best else SOURCE)


def _catalogue(code: str) -> NullTranslations:
    if code == SOURCE:
        return NullTranslations()
    with (FOLDER / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class _Pseudo(NullTranslations):
    """English with accents, a third longer: what is not marked, or has no room, shows."""

    def gettext(self, message: str) -> str:
        return _pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return _pseudo(message)


def _pseudo(message: str) -> str:
    kept = iter(_TAGS.findall(message))
    words = _TAGS.split(message)
    accented = "".join(word.translate(_ACCENTED) + next(kept, "") for word in words)
    return f"[{accented}{' ~' * (len(message) // 6)}]"
