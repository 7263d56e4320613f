"""Which of what waits for review is looked at first. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_TYPE: Final = 2.0
_UNKNOWN: Final = 0.5  # who says nothing of how sure they are is taken for half sure


@dataclass(frozen=True, slots=True)
class Priority:
    """Why something comes first; each part is 0 to 1.

    Attributes:
        uncertainty: How unsure who said it was.
        rarity: How few records there are of its taxon: 1 for a single one, a half for two, and so on.
        type_status: 1 for a type.
    """

    uncertainty: float
    rarity: float
    type_status: float

    @property
    def score(self) -> float:
        """The higher, the earlier: a type counts as much as the two others together."""
        return self.uncertainty + self.rarity + _TYPE * self.type_status


def priority(confidence: str | float | None, records: int, *, is_type: bool) -> Priority:
    """How urgent something is.

    Args:
        confidence: Of who said it, 0 to 1; None if untold.
        records: How many records there are of the taxon; 0 if it has none, or no name.
        is_type: Whether a record of the picture is of a type.
    """
    sure = _UNKNOWN if confidence is None else min(1.0, max(0.0, float(confidence)))
    rarity = 1 / (1 + math.log2(records)) if records > 0 else 0.0
    return Priority(1 - sure, rarity, float(is_type))
