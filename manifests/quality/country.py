"""Countries: which one a name or code means (ISO 3166-1), and which territory is whose."""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from manifests.quality.issues import Issue
from manifests.quality.step import Reading

# What people write, and neither English nor any of _LANGUAGES has among its names.
_ALIASES: Final = {
    "bosnia": "BA", "burma": "MM", "cape verde": "CV", "ceylon": "LK", "congo brazzaville": "CG",
    "congo kinshasa": "CD", "democratic republic of congo": "CD", "dr congo": "CD", "zaire": "CD",
    "republic of congo": "CG", "czech republic": "CZ", "east timor": "TL", "england": "GB",
    "falkland islands": "FK", "formosa": "TW", "great britain": "GB", "holland": "NL", "ivory coast": "CI",
    "korea": "KR", "kosovo": "XK", "macedonia": "MK", "micronesia": "FM", "new guinea": "PG",
    "northern ireland": "GB", "palestine": "PS", "palestinian territory occupied": "PS", "west bank": "PS",
    "west pakistan": "PK", "persia": "IR", "peoples republic of china": "CN", "republic of china": "TW",
    "republic of ireland": "IE", "reunion": "RE", "russia": "RU", "saint helena": "SH", "scotland": "GB",
    "siam": "TH", "south korea": "KR", "swaziland": "SZ", "turkey": "TR", "uk": "GB", "u k": "GB",
    "us": "US", "u s": "US", "u s a": "US", "united states america": "US", "usa": "US",
    "us virgin islands": "VI", "british virgin islands": "VG", "virgin islands": "VI", "vatican": "VA",
    "viet nam": "VN", "wales": "GB", "hawaii": "US", "alaska": "US", "upper volta": "BF", "dahomey": "BJ",
    "rhodesia": "ZW", "southern rhodesia": "ZW", "northern rhodesia": "ZM", "gold coast": "GH",
    "british guiana": "GY", "dutch guiana": "SR", "british honduras": "BZ", "new hebrides": "VU",
    "tanganyika": "TZ", "abyssinia": "ET", "bechuanaland": "BW", "basutoland": "LS", "nyasaland": "MW",
    "galapagos": "EC", "galapagos islands": "EC", "canary islands": "ES", "azores": "PT", "madeira": "PT",
    "svalbard": "SJ", "tasmania": "AU",
}  # fmt: skip
_FORMER: Final = frozenset(
    {"cs", "czechoslovakia", "dd", "east germany", "former soviet union", "german democratic republic", "su"}
    | {"soviet union", "ussr", "u s s r", "yu", "yugoslavia", "serbia and montenegro", "netherlands antilles"}
    | {"an", "union of soviet socialist republics", "austria hungary", "former yugoslavia", "ottoman empire"}
)
_UNKNOWN: Final = frozenset(
    {"", "unknown", "not known", "none", "na", "n a", "not recorded", "no data", "null", "undefined"}
    | {"unspecified", "not stated", "unknown country", "country unknown", "no country", "zz", "not provided"}
    | {
        "undetermined country",
        "undetermined",
        "not specified",
        "inconnu",
        "no disponible",
        "desconocido",
        "unbekannt",
        "indet",
        "no data available",
        "missing",
        "blank",
    }
)
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_LANGUAGES: Final = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "pl", "la")
# Whose territory it is. A place there is right under either name, and the shapes do not have all of them.
_OF: Final = {
    code: sovereign
    for sovereign, codes in {
        "US": "AS GU MP PR UM VI", "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG", "AU": "CC CX HM NF",
        "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT", "NL": "AW BQ CW SX", "DK": "FO GL", "NO": "BV SJ",
        "NZ": "CK NU TK", "CN": "HK MO TW", "FI": "AX", "RS": "XK", "IL": "PS", "MA": "EH",
    }.items()
    for code in codes.split()
}  # fmt: skip


def read_country(country: str | None, code: str | None) -> Reading:
    """What `country` and `countryCode` mean.

    Returns:
        The ISO 3166-1 alpha-2 code, of two where one is the other's territory the narrower.
    """
    named, coded = (None if _says_nothing(text) else text for text in (country, code))
    if named is None and coded is None:
        return Reading((None,))
    found = [country_of(text) for text in (named, coded) if text is not None]
    known = list(dict.fromkeys(code for code in found if code))
    issues = [Issue.COUNTRY_FORMER] if any(_is_former(text) for text in (named, coded)) else []
    if not known:
        return Reading((None,), tuple(issues) or (Issue.COUNTRY_INVALID,))
    if len(known) == 2:
        if not related(*known):
            return Reading((None,), (*issues, Issue.COUNTRY_MISMATCH))
        known.sort(key=lambda code: code not in _OF)
    if None in found and not issues:
        issues.append(Issue.COUNTRY_INVALID)
    return Reading((known[0],), tuple(issues))


def related(one: str, other: str) -> bool:
    """Whether two codes are one country's, or of a country and its territory."""
    return one == other or _OF.get(one) == other or _OF.get(other) == one


def country_of(text: str) -> str | None:
    """The alpha-2 code of a country's name (English or another large language) or code; None if unknown."""
    return next((found for form in _forms(text) if (found := _names().get(form))), None)


def _is_former(text: str | None) -> bool:
    return text is not None and _plain(text) in _FORMER


def _says_nothing(text: str | None) -> bool:
    return text is None or _plain(text) in _UNKNOWN


def _plain(text: str) -> str:
    """Letters without accents and case; whatever else is between words is a space."""
    letters = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ").replace("'", "")
    words = re.sub(r"[^\w]|_", " ", "".join(c for c in letters if not unicodedata.combining(c))).split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Names and codes, plain. Of two countries that share a name in two languages, neither has it."""
    import pycountry

    names: dict[str, str] = {}
    for translate in _translations():
        for country in pycountry.countries:
            for attribute in ("name", "official_name", "common_name"):
                if (name := getattr(country, attribute, None)) is not None:
                    for form in _forms(translate(name)):
                        names[form] = (
                            country.alpha_2 if names.get(form, country.alpha_2) == country.alpha_2 else ""
                        )
    for country in pycountry.countries:
        names[country.alpha_2.lower()] = names[country.alpha_3.lower()] = country.alpha_2
    return names | _ALIASES


def _forms(name: str) -> Iterator[str]:
    """`Bolivia, Plurinational State of` is also the Plurinational State of Bolivia, and Ö also Oe."""
    head, _, tail = name.partition(", ")
    for form in (name, f"{tail} {head}") if tail else (name,):
        yield _plain(form)
        yield _plain(form.translate(_SPELT_OUT))


def _translations() -> Iterator[Callable[[str], str]]:
    """English as it is, then each language by pycountry's own catalogues (Debian's iso-codes)."""
    import pycountry

    yield str
    for language in _LANGUAGES:
        catalogue = gettext.translation(
            "iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True
        )
        yield catalogue.gettext
