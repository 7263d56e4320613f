"""Whether the same was found again: bit for bit, within what an analyzer declares, or not. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final

import numpy as np

_NUMBERS: Final = ("value", "uncertainty", "confidence")
Said = Mapping[str, Any]


class Verdict(StrEnum):
    """How two results for one input compare; the later, the worse."""

    IDENTICAL = "identical"
    WITHIN = "within-tolerance"
    DIFFERENT = "different"
    MISSING = "missing"


def compare(
    before: Sequence[Said], after: Sequence[Said], tolerance: str | None, first: int = 1
) -> tuple[Verdict, list[str]]:
    """Compare what was found with what is found now.

    Args:
        before: Findings as `Finding.document` writes them, in order.
        after: The same, of the later run.
        tolerance: How far numbers and coordinates of vectors may differ; None for not at all.
        first: The place of the first of them.

    Returns:
        The verdict, and each difference in words: the finding's place, the member, both values.
    """
    if list(map(dict, before)) == list(map(dict, after)):
        return Verdict.IDENTICAL, []
    found = list(_differences(before, after, first))
    allowed = Decimal(tolerance) if tolerance is not None else Decimal(0)
    within = all(size is not None and size <= allowed for _, size in found)
    return (Verdict.WITHIN if within else Verdict.DIFFERENT), [words for words, _ in found]


def _differences(
    before: Sequence[Said], after: Sequence[Said], first: int
) -> Iterator[tuple[str, Decimal | None]]:
    for place, (one, other) in enumerate(zip_longest(before, after), first):
        if one is None or other is None:
            kind = (one or other)["kind"]
            yield f"finding {place} ({kind}): {'only before' if other is None else 'only now'}", None
            continue
        for name in sorted({*one, *other}):
            if one.get(name) != other.get(name):
                size = _distance(name, one.get(name), other.get(name))
                told = "" if name == "vector" else f" {one.get(name)} before, {other.get(name)} now"
                far = f" by {size.normalize():f}" if size is not None else ""
                yield f"finding {place} ({one['kind']}): {name} differs{far}:{told}".rstrip(":"), size


def _distance(name: str, before: Any, after: Any) -> Decimal | None:
    """How far two values lie apart; None where that means nothing."""
    if before is None or after is None:
        return None
    if name in _NUMBERS:
        return abs(Decimal(before) - Decimal(after))
    if name != "vector":
        return None
    one, other = (np.frombuffer(base64.b64decode(text), "<f4").astype(np.float64) for text in (before, after))
    if one.shape != other.shape:
        return None
    return Decimal(str(float(np.abs(one - other).max())))
