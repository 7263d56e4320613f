"""The links of a proof, each with its outcome, so that a page can show which one broke first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from provenance.citation.verify import Outcome, Verdict

# In the order in which `verify_bundle` tries them.
_ORDER: Final = ("form", "keys", "key history", "checkpoint", "leaf", "row", "statement", "cited")
_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "blob": ("form", "keys", "checkpoint", "key history", "leaf", "row", "cited"),
    "row": ("form", "keys", "checkpoint", "key history", "leaf", "row", "cited"),
    "crawl": ("form", "keys", "checkpoint", "key history", "leaf", "statement", "cited"),
}
_OF_SNAPSHOT: Final[tuple[str, ...]] = ("form", "keys", "checkpoint", "key history", "cited")


class State(StrEnum):
    """How a check ended."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Check:
    """One link.

    Attributes:
        link: Its name, as `Verdict.broken` has it.
        state: How its check ended.
        reason: What was wrong with it.
    """

    link: str
    state: State
    reason: str = ""


def checks_of(verdict: Verdict) -> tuple[Check, ...]:
    """Every link of a bundle's proof, up to the first that broke and beyond."""
    kind = verdict.bundle.cited.kind if verdict.bundle else None
    names = _OF_SNAPSHOT if kind is None else _OF_KIND.get(kind, _OF_SNAPSHOT)
    broken = verdict.broken if verdict.outcome is Outcome.FAILED else None
    if broken is not None and broken not in names:
        names = tuple(name for name in _ORDER if name in {*names, broken})
    return tuple(_checks(names, broken, verdict.reason))


def _checks(names: tuple[str, ...], broken: str | None, reason: str) -> Iterator[Check]:
    tried = True
    for name in names:
        if name == broken:
            yield Check(name, State.BROKEN, reason)
            tried = False
        else:
            yield Check(name, State.HOLDS if tried else State.NOT_TRIED)
