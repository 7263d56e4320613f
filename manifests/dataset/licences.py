"""Which licences members have, and whether they go together with that of the whole.

The rules are those of Creative Commons (FAQ, "If I create a collection that includes a work offered under
a CC license, which license(s) may I choose for the collection?" and "If I derive or adapt material offered
under a Creative Commons license, which CC license(s) can I use?"): a collection of unchanged works leaves
each under its own licence, so that only NonCommercial binds the whole; where parts are cut out, ShareAlike
asks for the same licence, and NoDerivatives forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from manifests.errors import LicencesRefused
from manifests.quality.licences import meaning_of


@dataclass(frozen=True, slots=True)
class Terms:
    """What a licence asks.

    Attributes:
        credit: Whoever made it is named.
        share_alike: What is made of it has the same licence.
        noncommercial: No commercial use.
        no_derivatives: Nothing is made of it and shared.
    """

    credit: bool = True
    share_alike: bool = False
    noncommercial: bool = False
    no_derivatives: bool = False


_FREE = Terms(credit=False)
_OTHERS: Mapping[str, Terms] = MappingProxyType(
    {
        "CC0-1.0": _FREE,
        "CC-PDDC": _FREE,
        "CC-PDM-1.0": _FREE,
        "PDDL-1.0": _FREE,
        "ODC-By-1.0": Terms(),
        "ODbL-1.0": Terms(share_alike=True),
        "OGL-UK-1.0": Terms(),
        "OGL-UK-2.0": Terms(),
        "OGL-UK-3.0": Terms(),
        "OGL-Canada-2.0": Terms(),
        "etalab-2.0": Terms(),
        "DL-DE-BY-2.0": Terms(),
        "DL-DE-ZERO-2.0": _FREE,
        "NLOD-2.0": Terms(),
        "GFDL-1.2-or-later": Terms(share_alike=True),
        "GFDL-1.3-or-later": Terms(share_alike=True),
        "MIT": Terms(),
        "Apache-2.0": Terms(),
    }
)
# Ports to a country's law (CC-BY-3.0-AT) ask the same.
_CC = re.compile(r"CC-BY(-NC)?(?:-(SA|ND))?-([1-4]\.[05])(-[A-Z]{2,3})?", re.ASCII)
ADDRESS: Final = "https://spdx.org/licenses/"


def terms_of(spdx: str) -> Terms | None:
    """What a licence asks, by its SPDX identifier; None of one that is not known here."""
    if found := _CC.fullmatch(spdx):
        return Terms(True, found[2] == "SA", found[1] is not None, found[2] == "ND")
    return _OTHERS.get(spdx)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Members whose licence does not go with that of the whole.

    Attributes:
        license: Theirs.
        members: How many they are.
        reason: Why not.
    """

    license: str
    members: int
    reason: str


@dataclass(frozen=True, slots=True)
class LicenceReport:
    """The licences of a dataset.

    Attributes:
        whole: Of the compilation.
        counts: Members by licence; those that are unknown are not in it.
        unknown: Members whose licence nobody tells, or tells in a way that cannot be read.
        contradictory: Members of which rows tell several; they are not among the unknown.
        conflicts: What does not go together.
    """

    whole: str
    counts: Mapping[str, int]
    unknown: int
    contradictory: int
    conflicts: tuple[Conflict, ...]

    def check(self, *, allow_unknown: bool) -> None:
        """Refuse what must not be handed on.

        Args:
            allow_unknown: Whether somebody took members of unknown or contradictory licence knowingly.

        Raises:
            LicencesRefused: naming what is wrong and what can be done.
        """
        wrong = [f"{one.members:,} images are {one.license}: {one.reason}" for one in self.conflicts]
        if not allow_unknown:
            wrong += [f"{self.unknown:,} images have no known licence"] if self.unknown else []
            wrong += [f"{self.contradictory:,} have contradictory ones"] if self.contradictory else []
        if wrong:
            raise LicencesRefused(
                f"The licences do not go together with {self.whole}: {'; '.join(wrong)}. Leave such images "
                "out by the filter, choose another --license, or, of unknown ones only, take them knowingly "
                "(--allow-unknown-licenses)."
            )


def licence_report(
    whole: str, counts: Mapping[str | None, int], contradictory: int = 0, *, parts: bool = False
) -> LicenceReport:
    """Compare the licences of members with that of the whole.

    Args:
        whole: SPDX identifier of the compilation's licence.
        counts: Members by the SPDX identifier of their licence; None for no known one.
        contradictory: How many of those under None are so since their rows contradict one another.
        parts: Whether parts are cut out of the images.

    Raises:
        LicencesRefused: the licence of the whole is not known here.
    """
    chosen = terms_of(whole)
    if chosen is None:
        meant = meaning_of(whole)
        hint = (
            f"did you mean {meant}?"
            if meant and terms_of(meant)
            else ("give its SPDX identifier, such as CC0-1.0, CC-BY-4.0, CC-BY-NC-4.0 or ODC-By-1.0.")
        )
        raise LicencesRefused(f"{whole!r} is no licence that is known here; {hint}")
    known = {spdx: n for spdx, n in counts.items() if spdx is not None and terms_of(spdx) is not None}
    unknown = sum(counts.values()) - sum(known.values()) - contradictory
    conflicts = tuple(
        Conflict(spdx, known[spdx], reason)
        for spdx in sorted(known)
        if (reason := _conflict(spdx, whole, chosen, parts=parts)) is not None
    )
    return LicenceReport(whole, dict(sorted(known.items())), unknown, contradictory, conflicts)


def _conflict(spdx: str, whole: str, chosen: Terms, *, parts: bool) -> str | None:
    member = terms_of(spdx)
    assert member is not None
    if member.noncommercial and not chosen.noncommercial:
        return "they may not be used commercially, so the whole needs a NonCommercial licence"
    if parts and member.no_derivatives:
        return "no parts may be cut out of them"
    if parts and member.share_alike and spdx != whole:
        return "what is cut out of them has to have their own licence"
    return None
