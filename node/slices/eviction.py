"""Which blobs a cache gives up when its quota is passed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Held:
    """A blob that a cache brought here.

    Attributes:
        digest: Which.
        size: How many bytes it takes.
        used: When it was last read or brought; any growing number.
    """

    digest: Digest
    size: int
    used: int


@dataclass(frozen=True, slots=True)
class Eviction:
    """What goes, and how much is left.

    Attributes:
        evicted: Those that go, the least recently used first.
        bytes: What the others take.
    """

    evicted: tuple[Held, ...]
    bytes: int


def choose_evictions(held: Iterable[Held], quota: int, may_go: Callable[[Digest], bool]) -> Eviction:
    """Give up the least recently used blobs until the rest fits, and no more of them than that takes.

    Args:
        held: What the cache holds.
        quota: Bytes that it may take.
        may_go: Whether a copy is known elsewhere. Without one, a blob stays, quota or not.
    """
    waiting = sorted(held, key=lambda one: (one.used, one.digest))
    total = sum(one.size for one in waiting)
    evicted = []
    for one in waiting:
        if total <= quota:
            break
        if one.size and may_go(one.digest):
            evicted.append(one)
            total -= one.size
    return Eviction(tuple(evicted), total)
