"""What the duplicates of one gathering share, wherever they were sent: collector, number and date."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.step import ByValue, Columns, Filled, Reading, Remembering

_MARK: Final = "|"
_SEVERAL: Final = re.compile(
    r"[;|&+/]| (?:and|with|et|und|y|e|with:|et al\.?) |, ?et al| al\.", re.IGNORECASE
)
_NO_FAMILY: Final = frozenset(
    {
        "jr",
        "sr",
        "ii",
        "iii",
        "iv",
        "dr",
        "prof",
        "mr",
        "mrs",
        "miss",
        "ms",
        "rev",
        "col",
        "coll",
        "leg",
        "esq",
        "phd",
    }
)
_NOBODY: Final = frozenset(
    {"", "unknown", "anonymous", "anon", "none", "nocollector", "collectorunknown", "notrecorded"}
    | {"notstated", "unspecified", "illegible", "notprovided", "notgiven", "staff", "collector", "various"}
)


class Gathering:
    """The step that makes `gatheringKey`: family name of the first collector, number, date, bars between.

    A row that lacks one of the three has none: two of them are shared by too many.
    """

    def __init__(self) -> None:
        self._collector = ByValue(("recordedBy",), ("collector",), Remembering(_read_collector))

    def fill(self, columns: Columns) -> Filled:
        """Read a batch."""
        collector = self._collector.fill(columns).columns["collector"].cast(pa.string())
        number = pc.replace_substring_regex(
            pc.utf8_lower(columns["recordNumber"]), r"[^\pL\pN]+", replacement=""
        )
        none = pa.scalar(None, pa.string())
        number = pc.if_else(pc.match_substring_regex(number, "[1-9]"), number, none)  # not `s.n.`
        date = pc.utf8_rtrim(columns["interpretedEventDate"], "?~%")
        date = pc.if_else(pc.match_substring_regex(date, "[/X]"), none, date)
        return Filled({"gatheringKey": pc.binary_join_element_wise(collector, number, date, _MARK)})


def _read_collector(recorded: str | None) -> Reading:
    return Reading((family_name(recorded or ""),))


def family_name(recorded: str) -> str | None:
    """The family name of who stands first in `recordedBy`, in plain letters; None if nobody does.

    `Smith, J. & Doe, A.`, `J. Smith with A. Doe`, `Smith, John` and `John Smith, Jane Doe` all give `smith`.
    """
    head = _SEVERAL.split(" ".join(recorded.split()))[0].strip(" ,").split(",")[0]
    words = [_letters(word) for word in re.split(r"[ .]+", head)]
    named = [word for word in words if len(word) > 1 and word not in _NO_FAMILY]
    return named[-1] if named and _letters(recorded) not in _NOBODY else None


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    return "".join(letter for letter in plain if letter.isalpha() and not unicodedata.combining(letter))
