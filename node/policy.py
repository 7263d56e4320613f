"""The one place that decides what may be read, and by whom.

Every read and every export asks `decide`. The classes known so far are public, withheld and withdrawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from manifests.access import AccessClass
from node.config import WithholdRule


class Principal(StrEnum):
    """Who asks."""

    PUBLIC = "public"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a read is allowed, and the HTTP status that says so to the outside.

    A refused read answers 404, not 403: withheld things give no answer about their existence. What was
    public once and was taken back answers 410: that it existed is known, and says the log for ever.
    """

    allowed: bool
    status: int


_ALLOWED = Decision(True, 200)
_REFUSED = Decision(False, 404)
_WITHDRAWN = Decision(False, 410)


def decide(principal: Principal, access: AccessClass) -> Decision:
    """Decide a read of something of class `access` by `principal`."""
    if access is AccessClass.PUBLIC or principal is Principal.OPERATOR:
        return _ALLOWED
    return _WITHDRAWN if access is AccessClass.WITHDRAWN else _REFUSED


def may_read(principal: Principal, row: Mapping[str, Any]) -> bool:
    """Whether `principal` may read a row of the index, by its `access`."""
    return decide(principal, AccessClass(row["access"])).allowed


def withheld_specimens(rules: tuple[WithholdRule, ...], specimens: pa.RecordBatch) -> pa.BooleanArray:
    """Which rows of a batch of the specimen table the operator's rules withhold.

    Returns:
        One boolean a row; never null.
    """
    mask = pa.array([False] * specimens.num_rows, pa.bool_())
    for rule in rules:
        wanted = {_folded(value) for value in rule.values}
        encoded = specimens.column(rule.column).dictionary_encode()
        named = pa.array([_folded(value) in wanted for value in encoded.dictionary.to_pylist()], pa.bool_())
        mask = pc.or_(mask, pc.fill_null(named.take(encoded.indices), False))
    return mask


def _folded(text: str) -> str:
    """A text without what the eye passes over: case, blanks around it, how its letters are composed.

    A rule that misses its row for such a thing publishes it.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
