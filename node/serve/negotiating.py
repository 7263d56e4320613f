"""In which form something is asked for: `Accept` (RFC 9110) and `Prefer` (RFC 7240). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

JSON_LD: Final = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
_JSON: Final = "application/json"
_OFFERED: Final = (("application/ld+json", JSON_LD), ("application/json", _JSON))
_QUALITY: Final = re.compile(r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", re.ASCII)
_INCLUDED: Final = re.compile(r'include\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.ASCII)
_MINIMAL: Final = (
    "http://www.w3.org/ns/ldp#PreferMinimalContainer",
    "http://www.w3.org/ns/oa#PreferMinimalContainer",
)
_NAMES: Final = "http://www.w3.org/ns/oa#PreferContainedIRIs"


def accepted(accept: str | None) -> str | None:
    """The media type that is sent.

    Args:
        accept: The field; None where there is none.

    Returns:
        None if neither of the two that there are is wanted.
    """
    if accept is None or not accept.strip():
        return JSON_LD
    ranges = [_range(one) for one in accept.split(",")[:50]]
    # The order breaks ties: annotations are JSON-LD first of all.
    best = max(_OFFERED, key=lambda offered: _quality(offered[0], ranges))
    return best[1] if _quality(best[0], ranges) > 0 else None


def best_of(accept: str | None, offered: Sequence[str]) -> str:
    """The media type of some that is wanted most; the first of them where none is wanted more than it.

    Args:
        accept: The field; None where there is none.
        offered: Media types, the usual one first.
    """
    ranges = [_range(one) for one in (accept or "*/*").split(",")[:50]]
    return max(offered, key=lambda name: _quality(name, ranges))


def _range(text: str) -> tuple[str, float]:
    name, *parameters = text.split(";")
    found = (_QUALITY.fullmatch(one) for one in parameters)
    return name.strip().lower(), next((float(one[1]) for one in found if one), 1.0)


def _quality(name: str, ranges: list[tuple[str, float]]) -> float:
    """That of the range that fits best: the type itself before all of its kind before all there are."""
    for wanted in (name, f"{name.partition('/')[0]}/*", "*/*"):
        for given, quality in ranges:
            if given == wanted:
                return quality
    return 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """How a collection is told.

    Attributes:
        minimal: Without its first page.
        iris: By the names of annotations alone.
    """

    minimal: bool
    iris: bool


def preferred(prefer: str | None, iris: int | None, *, whole: bool) -> Shown:
    """How a collection is told: as `Prefer` says, if the address does not say it.

    Args:
        prefer: The field; None where there is none.
        iris: What the address says of it: 1 for names alone, 0 for whole annotations.
        whole: A page is asked for, of which the address says all.
    """
    if whole or prefer is None:
        return Shown(minimal=False, iris=bool(iris))
    found = _INCLUDED.search(prefer)
    included = (found[1] or found[2] or "").split() if found else []
    minimal = any(one in included for one in _MINIMAL)
    return Shown(minimal, bool(iris) if iris is not None else _NAMES in included)
