"""Member lists: the digests of a slice in ascending order, 32 bytes each, under one Merkle root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

from hashstore.digest import SIZE, Digest
from hashstore.merkle import MerkleAccumulator, leaf_hashes
from manifests.errors import DamagedMembers

# A place in a list has to fit into a 32-bit bitmap.
MOST_MEMBERS: Final = 2**32


class MemberList(Sequence[Digest]):
    """A sorted list of distinct digests, kept as the bytes in which it travels.

    Args:
        data: 32 bytes a digest, ascending, none twice.

    Raises:
        DamagedMembers: the bytes are no such list.
    """

    __slots__ = ("_data", "_root")

    def __init__(self, data: bytes) -> None:
        _check(data)
        self._data = data
        self._root: Digest | None = None

    @classmethod
    def of(cls, digests: Iterable[Digest]) -> MemberList:
        """The list of some digests, in whatever order they come."""
        return cls(b"".join(digest.raw for digest in sorted(set(digests))))

    @property
    def data(self) -> bytes:
        """The list's one written form."""
        return self._data

    @property
    def root(self) -> Digest:
        """The RFC 9162 root over the members; each leaf is the 32 bytes of a digest."""
        if self._root is None:
            tree = MerkleAccumulator()
            tree.extend(leaf_hashes(self._raws()))
            self._root = Digest(tree.root())
        return self._root

    def place(self, digest: Digest) -> int | None:
        """Where a digest stands, from 0; None if it is no member."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            found = self._data[middle * SIZE : (middle + 1) * SIZE]
            if found == digest.raw:
                return middle
            low, high = (middle + 1, high) if found < digest.raw else (low, middle)
        return None

    def __len__(self) -> int:
        return len(self._data) // SIZE

    @overload
    def __getitem__(self, place: int) -> Digest: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Digest]: ...
    def __getitem__(self, place: int | slice) -> Digest | Sequence[Digest]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(f"a list of {len(self)} members has no member {place}")
        return Digest(self._data[number * SIZE : (number + 1) * SIZE])

    def __iter__(self) -> Iterator[Digest]:
        return (Digest(raw) for raw in self._raws())

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, Digest) and self.place(digest) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemberList) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def _raws(self) -> Iterator[bytes]:
        return (self._data[start : start + SIZE] for start in range(0, len(self._data), SIZE))


def difference(old: MemberList, new: MemberList) -> tuple[tuple[Digest, ...], tuple[Digest, ...]]:
    """What a list has more, and less, than an older one: added, then removed, each ascending."""
    before, after = set(old), set(new)
    return tuple(sorted(after - before)), tuple(sorted(before - after))


def _check(data: bytes) -> None:
    if len(data) % SIZE or len(data) > MOST_MEMBERS * SIZE:
        raise DamagedMembers(f"A member list has 32 bytes for each member; this one has {len(data)} bytes.")
    earlier = b""
    for start in range(0, len(data), SIZE):
        raw = data[start : start + SIZE]
        if raw <= earlier and start:
            raise DamagedMembers(
                f"Member {start // SIZE + 1} of the list does not come after the one before."
            )
        earlier = raw
