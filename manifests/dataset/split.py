"""Parting members into train, validation and test: by seed, alike everywhere, no specimen on two sides."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hashstore.digest import Digest
from manifests.dataset.member import SPLITS
from manifests.dataset.recipe import SplitRecipe


@dataclass(frozen=True, slots=True)
class Unit:
    """What a split has to know of a member.

    Attributes:
        digest: The member.
        label: Its label; None if it has none.
        keys: Names of what it must not be parted from: all members with one key in common stay together.
    """

    digest: Digest
    label: str | None
    keys: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """Members that stay together, under the least of their keys."""

    name: str
    members: list[Digest] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)

    @property
    def label(self) -> str:
        """The label that most of its members have; of several the least."""
        most = max(self.labels.values())
        return min(label for label, count in self.labels.items() if count == most)


_Choice = tuple[_Group, str]


def assign_splits(units: Iterable[Unit], recipe: SplitRecipe) -> dict[Digest, str]:
    """Which split each member is in (spec/datasets.md); the order of the units does not matter."""
    groups = sorted(_grouped(units), key=lambda group: (_hash(group, recipe), group.name))
    chosen = _stratified(groups, recipe.shares) if recipe.stratified else _by_hash(groups, recipe)
    return {member: split for group, split in chosen for member in group.members}


def _by_hash(groups: Iterable[_Group], recipe: SplitRecipe) -> Iterator[_Choice]:
    """By where each group's hash falls: what is added or removed later moves no other group."""
    for group in groups:
        number = int.from_bytes(_hash(group, recipe)[:8])
        yield group, _at(number, 1 << 64, recipe.shares)


def _stratified(groups: Sequence[_Group], shares: Sequence[int]) -> list[_Choice]:
    """Each label's whole shares first; what is left of all labels then makes up the shares of the whole."""
    strata: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        strata[group.label].append(group)
    chosen: list[_Choice] = []
    for label in sorted(strata):
        chosen += _whole_shares(strata[label], shares)
    placed = {group.name for group, _ in chosen}
    given = Counter(dict.fromkeys(SPLITS, 0))
    for group, split in chosen:
        given[split] += len(group.members)
    total = sum(len(group.members) for group in groups)
    lacking = [
        max(total * share - sum(shares) * given[split], 0)
        for split, share in zip(SPLITS, shares, strict=True)
    ]
    return chosen + list(_by_rank([group for group in groups if group.name not in placed], lacking))


def _whole_shares(groups: Sequence[_Group], shares: Sequence[int]) -> Iterator[_Choice]:
    """Give each split as many members of a label as are its due, rounded down; some groups are left."""
    total = sum(len(group.members) for group in groups)
    room = {split: total * share // sum(shares) for split, share in zip(SPLITS, shares, strict=True)}
    for group in groups:
        split = next((split for split in SPLITS if 0 < len(group.members) <= room[split]), None)
        if split is not None:
            room[split] -= len(group.members)
            yield group, split


def _by_rank(groups: Sequence[_Group], shares: Sequence[int]) -> Iterator[_Choice]:
    """By where the middle of each group falls among the members of all of them."""
    total, before = sum(len(group.members) for group in groups), 0
    for group in groups:
        yield group, _at(2 * before + len(group.members), 2 * total, shares)
        before += len(group.members)


def _at(place: int, whole: int, shares: Sequence[int]) -> str:
    """The split that has a place out of a whole, in whole numbers: fractions differ between machines."""
    upto = 0
    for split, share in zip(SPLITS, shares, strict=True):
        upto += share
        if place * sum(shares) < upto * whole:
            return split
    raise AssertionError("a place lies within its whole")


def _hash(group: _Group, recipe: SplitRecipe) -> bytes:
    return hashlib.sha256(f"{recipe.seed}\n{group.name}".encode()).digest()


def _grouped(units: Iterable[Unit]) -> list[_Group]:
    """Groups of members that keys hold together, however long the chain."""
    leader: dict[str, str] = {}
    kept: list[tuple[Unit, str]] = []
    for unit in units:
        names = unit.keys or (unit.digest.uri,)
        for name in names:
            _join(leader, names[0], name)
        kept.append((unit, names[0]))
    groups: dict[str, _Group] = {}
    for unit, name in kept:
        found = _find(leader, name)
        group = groups.setdefault(found, _Group(found))
        group.members.append(unit.digest)
        group.labels[unit.label or ""] += 1
    return list(groups.values())


def _join(leader: dict[str, str], one: str, other: str) -> None:
    """Let two names stand for one group; the lesser one leads."""
    first, second = sorted((_find(leader, one), _find(leader, other)))
    leader[second] = first


def _find(leader: dict[str, str], name: str) -> str:
    path = []
    while (found := leader.setdefault(name, name)) != name:
        path.append(name)
        name = found
    leader.update(dict.fromkeys(path, name))
    return name
