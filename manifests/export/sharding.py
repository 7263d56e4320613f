"""Large files of an export, cut into shards of about a gigabyte, always at the same members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from manifests.dataset.member import Member

_MOST_BYTES: Final = 1 << 30
_MOST_MEMBERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Shard:
    """Some members that follow one another: from number `start` (from 0), `count` of them."""

    start: int
    count: int

    def taken(self, members: Iterable[Member]) -> Iterator[Member]:
        """Its members, out of all that were cut."""
        return islice(members, self.start, self.start + self.count)


def shards(members: Iterable[Member]) -> Iterator[Shard]:
    """Cut members into shards: each ends before it would hold more than a gigabyte or 20,000 images."""
    start, count, held = 0, 0, 0
    for member in members:
        if count and (held + member.size > _MOST_BYTES or count == _MOST_MEMBERS):
            yield Shard(start, count)
            start, count, held = start + count, 0, 0
        count += 1
        held += member.size
    if count:
        yield Shard(start, count)
