"""What two versions have other than each other: counts of all, and some members as examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.digest import Digest
from manifests.dataset.manifest import Change, Difference, differences
from manifests.dataset.member import Member
from node.compose import Node
from node.datasets.known import KnownDataset, members_of_dataset
from node.datasets.shown import hidden_members
from node.index import Index
from node.slices.run import HIDDEN, among

_SHOWN: Final = 24
_KEPT: Final = 200  # more than are shown, since some may be hidden
# What of a line can be told side by side; what else differs is named.
_SAID: Final = ("label", "split", "license", "attribution", "creator", "rightsHolder")


@dataclass(frozen=True, slots=True)
class Example:
    """A member that differs.

    Attributes:
        digest: The image.
        fields: Which of its line differ.
        said: Of some of these, what was said before and what now.
    """

    digest: Digest
    fields: tuple[str, ...]
    said: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a version has other than another.

    Attributes:
        counts: `added`, `removed`, `changed`, `withdrawn`; who was withdrawn is not among the removed.
        examples: Of those that were added, removed or changed; none that must not be shown.
    """

    counts: Mapping[str, int]
    examples: Mapping[str, tuple[Example, ...]]


class _Reading:
    """Members as they are read, the last one kept."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._members = members
        self.last: Member | None = None

    def __iter__(self) -> Iterator[Member]:
        for member in self._members:
            self.last = member
            yield member


def compare(node: Node, index: Index, before: KnownDataset, after: KnownDataset) -> Compared:
    """Compare two versions.

    Raises:
        DatasetError: a manifest is not here.
        DamagedManifest: a line of one does not hold.
    """
    old, new = (_Reading(members_of_dataset(node, one)) for one in (before, after))
    counts: Counter[str] = Counter()
    lost: list[Digest] = []
    kept: dict[str, list[tuple[Difference, Member | None, Member | None]]] = {name: [] for name in Change}
    for one in differences(old, new):
        counts[one.change] += 1
        lost += [one.digest] if one.change is Change.REMOVED else []
        if len(kept[one.change]) < _KEPT:
            said = (
                None if one.change is Change.ADDED else old.last,
                None if one.change is Change.REMOVED else new.last,
            )
            kept[one.change].append((one, *said))
    withdrawn = len(among(index, HIDDEN, lost))
    told = {name.value: counts[name] for name in Change} | {"withdrawn": withdrawn}
    told["removed"] -= withdrawn
    return Compared(told, {name: tuple(_examples(index, found)) for name, found in kept.items()})


def _examples(
    index: Index, found: list[tuple[Difference, Member | None, Member | None]]
) -> Iterator[Example]:
    """Those of which all that either version says may be shown."""
    members = [member for _, *both in found for member in both if member is not None]
    hidden = hidden_members(index, members)
    shown = [one for one in found if one[0].digest not in hidden]
    for one, before, after in shown[:_SHOWN]:
        said = tuple((name, _text(before, name), _text(after, name)) for name in _SAID if name in one.fields)
        yield Example(one.digest, one.fields, said)


def _text(member: Member | None, name: str) -> str | None:
    value: Any = None if member is None else member.document().get(name)
    return None if value is None else str(value)
