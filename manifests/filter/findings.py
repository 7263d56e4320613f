"""What a finding is asked for: the columns that conditions know, out of what the tables hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from manifests.filter.comparing import folded
from manifests.filter.fields import HUMAN, MACHINE, UNREVIEWED

# Kinds whose text is a class of things, and kinds whose text stands in the picture.
CLASSES: Final = ("class", "object", "tag")
READ: Final = ("text", "line", "word", "barcode", "transcription")
# Kinds with a number that may be asked without `finding.` before them.
SHORT: Final = (
    "sharpness", "brightness", "contrast", "clipped-dark", "clipped-bright", "width", "height", "resolution",
    "delta-e-after", "specimen-count",
)  # fmt: skip
# Written in what RE2 and Python's re read alike; it fits into a decimal of 38 digits, 17 behind the point.
NUMBER_PATTERN: Final = r"-?[0-9]{1,18}(?:\.[0-9]{1,17})?"
_NUMBER: Final = re.compile(NUMBER_PATTERN)


def number(text: str | None) -> Decimal | None:
    """A plain decimal; None for what is none."""
    value = folded(text)
    return Decimal(value) if value is not None and _NUMBER.fullmatch(value) else None


def asked_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A finding as conditions see it.

    Args:
        row: What a row of the table `finding` or `annotation` has, digests as URIs; `name` and `version` of
            the analyzer, as its run says them; `reviews`, the decisions that hold, one of each log.
    """
    kind, name, version = folded(row.get("kind")), row.get("name"), row.get("version")
    return MappingProxyType(
        {
            **row,
            "class": row.get("text") if kind in CLASSES else None,
            "read": row.get("text") if kind in READ else None,
            "release": None if name is None or version is None else f"{name}@{version}",
            "maker": MACHINE if row.get("agent") is None else HUMAN,
            "review": " ".join(row.get("reviews") or (UNREVIEWED,)),
        }
    )
