"""Members with what their headers tell, asked for in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from manifests.dataset.member import Member
from manifests.export.interface import Material
from manifests.export.model import Picture

Item = TypeVar("Item")
_BATCH: Final = 2_000


def in_batches(items: Iterable[Item], size: int = _BATCH) -> Iterator[list[Item]]:
    """The items in lists of so many, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def pictured(material: Material, members: Iterable[Member]) -> Iterator[tuple[Member, Picture]]:
    """Each member with its picture.

    Raises:
        MembersLost: the header of one cannot be read.
    """
    for batch in in_batches(members):
        yield from zip(batch, material.pictures(batch), strict=True)
