"""What a version has other than the one before it, counted while it is being made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hashstore.digest import Digest
from manifests.dataset.compose import Chosen
from manifests.dataset.member import Member


class Comparison:
    """Holds the members of a version against those that pass.

    Attributes:
        added: How many are new.
        changed: How many have another line.
        removed: Those that are no members any more.
    """

    def __init__(self, old: Iterable[Member]) -> None:
        """Begins to read the older version.

        Args:
            old: Its members, in the order of digests.
        """
        self.added = 0
        self.changed = 0
        self.removed: list[Digest] = []
        self._old = iter(old)
        self._next = next(self._old, None)

    def watch(self, chosen: Iterable[Chosen]) -> Iterator[Chosen]:
        """Hand on what passes, in the order of digests, and compare it."""
        for candidate, member in chosen:
            self._pass_over(member.digest)
            if self._next is not None and self._next.digest == member.digest:
                self.changed += self._next != member
                self._next = next(self._old, None)
            else:
                self.added += 1
            yield candidate, member
        self._pass_over(None)

    def _pass_over(self, until: Digest | None) -> None:
        while self._next is not None and (until is None or self._next.digest < until):
            self.removed.append(self._next.digest)
            self._next = next(self._old, None)
