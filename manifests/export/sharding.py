"""Large files of an export, cut into shards of about a gigabyte, always at the same members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from manifests.dataset.member import Member

_MOST_BYTES: Final = 1 << 30
_MOST_MEMBERS: Final = 10_000


def shards(members: Iterable[Member]) -> Iterator[tuple[Member, ...]]:
    """Cut members into shards: each ends before it would hold more than a gigabyte or 10,000 images."""
    shard: list[Member] = []
    held = 0
    for member in members:
        if shard and (held + member.size > _MOST_BYTES or len(shard) == _MOST_MEMBERS):
            yield tuple(shard)
            shard, held = [], 0
        shard.append(member)
        held += member.size
    if shard:
        yield tuple(shard)
