"""A country on the label that is not the record's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from manifests.quality.country import country_of, read_country, related
from node.review.conflicts.model import Conflict, Label, Record, Said, conflict_at, plain

_MOST_WORDS: Final = 5
_LEAST_LETTERS: Final = 4  # codes and short words are words of other languages, too
# Names of countries that are as well parts of other countries, or plain words of another language.
_ALSO: Final = frozenset(
    {"chad", "georgia", "granada", "guinea", "island", "jersey", "mexico", "norfolk", "soudan"}
)
_BEFORE: Final = frozenset({"new", "nova", "nouvelle", "nueva", "neu", "papua", "lower", "gulf", "golfe"})
# How labels tell the country: alone, before a colon or comma, as a flora's, or as the last of several places.
_FIRST: Final = re.compile(
    r"\s*(?:(?:flora|plants|plantae|plantes|pflanzen|fauna|insects?|fungi) "
    r"(?:of |de |du |der |from |d')?(?:the )?)?([^,:;.()\d]{4,40}?)\s*(?:[:,;.].*)?$",
    re.IGNORECASE,
)
_LAST: Final = re.compile(r".*,\s*([^,:;()\d]{4,40}?)[.\s]*$")
_PLACES: Final = ("stateProvince", "county", "municipality", "locality", "island", "waterBody", "continent")


def country_conflicts(record: Record, label: Label) -> Iterator[Conflict]:
    """The first country that is named in a line of collecting, if no line at all names the record's."""
    meant = (
        record.get("interpretedCountryCode")
        or read_country(record.get("country"), record.get("countryCode")).values[0]
    )
    if not isinstance(meant, str):
        return
    if any(related(code, meant) for line in label.lines for _, code in countries_in(line.text)):
        return
    places = f" {plain(' '.join(record.get(column) or '' for column in _PLACES))} "
    for line in label.collecting:
        for name, code in told_in(line.text):
            if f" {name} " not in places:
                yield _conflict(line, name, code, record, meant)
                return


def countries_in(text: str) -> list[tuple[str, str]]:
    """Names of countries in a text, plain, with their codes; the longest that stand anywhere."""
    words, found, start = plain(text).split(), list[tuple[str, str]](), 0
    while start < len(words):
        taken = 1
        for count in range(min(_MOST_WORDS, len(words) - start), 0, -1):
            name = " ".join(words[start : start + count])
            if len(name) >= _LEAST_LETTERS or name == "usa":
                code = country_of(name)
                if code and not (start and words[start - 1] in _BEFORE):
                    found.append((name, code))
                    taken = count
                    break
        start += taken
    return found


def told_in(text: str) -> list[tuple[str, str]]:
    """Countries that a line names as labels do; a park or a plant that bears the name does not count."""
    names = [plain(found[1]) for form in (_FIRST, _LAST) if (found := form.match(text))]
    read = [(name, country_of(name)) for name in names if name not in _ALSO and len(name) >= _LEAST_LETTERS]
    return [(name, code) for name, code in read if code]


def _conflict(line: Said, name: str, code: str, record: Record, meant: str) -> Conflict:
    recorded = record.get("country") or record.get("countryCode") or meant
    return conflict_at(line, "country", "country-mismatch", f"{name} ({code})", f"{recorded} ({meant})")
