"""Under which names records of a taxon may stand: its own, its synonyms', and those of all below it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.checklist.taxa import Checklist, Places
from manifests.errors import FilterRefused
from manifests.filter.comparing import MOST_WORDS, folded

MOST_NAMES: Final = 50_000
_MOST_TOLD: Final = 5

Held = np.ndarray[Any, np.dtype[np.bool_]]


def knows(checklist: Checklist, value: str) -> bool:
    """Whether a checklist has a taxon of this name."""
    return bool(_bearers(checklist, value).any())


def names_below(checklist: Checklist, value: str, where: str = "the filter") -> tuple[str, ...]:
    """All names for a taxon and what lies below it, as they are compared, in the order of their bytes.

    A text that names something elsewhere in the list as well is left out, and so is one that begins with
    another of them and a space: whoever has that has this.

    Args:
        checklist: The list.
        value: Any name in it, with authors or without.
        where: The place to name in errors.

    Raises:
        FilterRefused: the list has no such name, or several taxa of that name, or too many below it.
    """
    inside = _with_all_below(checklist, _meant(checklist, value, where))
    texts = pa.concat_arrays(
        [checklist.names.filter(pa.array(inside)), checklist.bare.filter(pa.array(inside))]
    )
    others = pa.array(~inside)
    elsewhere = pa.concat_arrays(
        [checklist.names.filter(others), checklist.bare.filter(others), pa.array([""])]
    )
    own = pc.unique(texts.filter(pc.invert(pc.is_in(texts, value_set=elsewhere))))
    names = _shortest(own)
    if len(names) > MOST_NAMES:
        problem = f"{value[:40]!r} stands for {len(names):,} names, and {MOST_NAMES:,} can be asked at once"
        raise FilterRefused(where, f"{problem}; ask for what lies below it")
    return names


def _bearers(checklist: Checklist, value: str) -> Held:
    wanted = folded(value) or ""
    return _equal(checklist.names, wanted) | _equal(checklist.bare, wanted)


def _equal(texts: pa.Array, wanted: str) -> Held:
    found: Held = pc.equal(texts, wanted).to_numpy(zero_copy_only=False)
    return found


def _meant(checklist: Checklist, value: str, where: str) -> int:
    """The place of the taxon: an accepted one before what a synonym leads to, the highest of one branch."""
    bearing = np.flatnonzero(_bearers(checklist, value))
    if not len(bearing):
        raise FilterRefused(where, f"the checklist has no taxon {value[:40]!r}")
    accepted = bearing[checklist.accepted[bearing] == bearing]
    meant: Places = np.unique(accepted if len(accepted) else checklist.accepted[bearing])
    for place in meant if len(meant) <= _MOST_TOLD else ():
        if _with_all_below(checklist, int(place))[meant].all():
            return int(place)
    told = ", ".join(repr(name.as_py()[:80]) for name in checklist.told.take(pa.array(meant[:_MOST_TOLD])))
    raise FilterRefused(
        where, f"the checklist has {len(meant)} taxa of the name {value[:40]!r}; write one in full: {told}"
    )


def _with_all_below(checklist: Checklist, place: int) -> Held:
    """Whose way up leads past a taxon. Each step goes as far as all before it, so circles and chains end."""
    held = np.zeros(len(checklist.above), np.bool_)
    held[place] = True
    up = checklist.above
    for _ in range(len(up).bit_length()):
        held |= held[up]
        up = up[up]
    return held


def _shortest(texts: pa.Array) -> tuple[str, ...]:
    """The texts that begin with no other of them and a space."""
    first = pc.list_element(pc.split_pattern(texts, " ", max_splits=1), 0) if len(texts) else texts
    alone = pc.or_(pc.equal(first, texts), pc.invert(pc.is_in(first, value_set=texts)))
    rest = texts.filter(alone).to_pylist()
    known = set(rest)
    return tuple(sorted((text for text in rest if not _begins_with_one(text, known)), key=str.encode))


def _begins_with_one(text: str, known: set[str]) -> bool:
    words = text.split(" ")
    return any(" ".join(words[:count]) in known for count in range(1, min(len(words), MOST_WORDS + 1)))
