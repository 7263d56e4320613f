"""What conflicts are made of: records, findings, and labels as they are read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Record: TypeAlias = Mapping[str, str | None]
"""Values of a row of the table `specimen` by column."""

LEAST: Final = 0.7
"""Lines that were read with less confidence contradict nobody."""

# Who keeps, names or photographed the specimen: their places and dates are not those of collecting.
_NOT_COLLECTING: Final = re.compile(
    r"\b(herb(?:ari[a-z]+)?|museums?|mus[eé]um|musei|muz[a-z]+|univ(?:ersit[a-z]+)?|garden|jardin|hort[ius]*|"
    r"botani[a-z]+|institut[a-z]*|academ[a-z]+|department|collections? of|det|determ[a-z]*|rev|revid[a-z]*|"
    r"conf(?:irm[a-z]*)?|vidit|annot[a-z]*|imaged?|scan(?:ned)?|databased|acc(?:ession)?|re[cç]u|acqui[a-z]+|"
    r"missing|loan|photo[a-z]*|digiti[sz]ed|georef[a-z]*|received|checked|entered|unlabel[a-z]*|renamed|"
    r"typus|isotype|holotype|ident(?:if[a-z]+)?|communic[a-z]*|dedit|verif[a-z]*|printed|copyright)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A finding.

    Attributes:
        subject: Its name.
        kind: What is said.
        text: What was read.
        region: Where.
        confidence: How sure the analyzer is; 1 if it does not tell.
    """

    subject: str
    kind: str
    text: str
    region: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction.

    Attributes:
        subject: The name of the finding in which it was read.
        column: The record's column.
        reason: A code: `barcode-mismatch`, `country-mismatch`, `date-mismatch`, `collector-mismatch`,
            `number-mismatch`.
        read: What was read, as it was understood.
        recorded: What the record says.
        region: Where it was read.
        confidence: How sure the reading is.
    """

    subject: str
    column: str
    reason: str
    read: str
    recorded: str
    region: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Label:
    """The lines that were read in a picture.

    Attributes:
        lines: All of them, in their order.
        collecting: Those that may tell of where, when and by whom it was collected, and were read well.
    """

    lines: tuple[Said, ...]
    collecting: tuple[Said, ...]

    @property
    def text(self) -> str:
        """Everything, a line each."""
        return "\n".join(line.text for line in self.lines)


def label_of(findings: Sequence[Said]) -> Label | None:
    """The lines among some findings; None if there are none."""
    lines = tuple(one for one in findings if one.kind == "line")
    fit = (one for one in lines if one.confidence >= LEAST and not _NOT_COLLECTING.search(one.text))
    return Label(lines, tuple(fit)) if lines else None


def conflict_at(line: Said, column: str, reason: str, read: str, recorded: str) -> Conflict:
    """A conflict that was read in a line."""
    return Conflict(line.subject, column, reason, read, recorded, line.region, line.confidence)


def plain(text: str) -> str:
    """Lower case without accents; whatever is no letter or digit is a space."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        re.sub(r"[^\w]|_", " ", "".join(c for c in letters if not unicodedata.combining(c))).split()
    )
