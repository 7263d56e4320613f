"""What someone says they hold of a slice: all members, or all but those in a bitmap of places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hashstore.digest import Digest
from manifests.errors import DamagedMembers
from manifests.members import MemberList

if TYPE_CHECKING:
    from pyroaring import BitMap

_CONTAINER: Final = 1 << 16  # places that one container of a Roaring bitmap covers
# A container has at most 8 KiB, and 8 bytes in the header and in the offsets; the cookie takes 8.
_LARGEST_CONTAINER: Final = 8192 + 16


def encode_places(places: Iterable[int]) -> bytes:
    """Places in a member list, as a Roaring bitmap in its portable format."""
    from pyroaring import BitMap

    bitmap = BitMap(places)
    bitmap.run_optimize()
    return bytes(bitmap.serialize())


def decode_places(data: bytes, members: int) -> BitMap:
    """Read places in a list of so many members.

    Raises:
        DamagedMembers: the bytes are no such bitmap, are longer than any over so many members, or name a
            place beyond the list.
    """
    from pyroaring import BitMap

    largest = largest_bitmap(members)
    if len(data) > largest:
        raise DamagedMembers(f"A bitmap over {members} members has at most {largest} bytes, not {len(data)}.")
    try:
        # The library refuses what is cut off, unsorted or counted wrongly, but passes over what follows.
        bitmap = BitMap.deserialize(data)
        whole = bytes(bitmap.serialize()) == data
    except (ValueError, IndexError, MemoryError) as error:
        raise DamagedMembers(f"The bitmap cannot be read: {error}") from error
    if not whole:
        raise DamagedMembers("The bitmap is not in the portable format, or something follows it.")
    if bitmap and bitmap.max() >= members:
        raise DamagedMembers(f"The bitmap names place {bitmap.max()} in a list of {members} members.")
    return bitmap


def largest_bitmap(members: int) -> int:
    """How many bytes a bitmap over so many members may have."""
    return 16 + (members // _CONTAINER + 1) * _LARGEST_CONTAINER


@dataclass(frozen=True, slots=True)
class Holding:
    """What one claimant holds of one slice.

    Attributes:
        who: The claimant, however the caller names it.
        members: The slice's members.
        missing: The places that it does not hold.
    """

    who: str
    members: MemberList
    missing: BitMap

    def holds(self, digest: Digest) -> bool:
        """Whether it claims to hold a blob."""
        place = self.members.place(digest)
        return place is not None and place not in self.missing

    @property
    def count(self) -> int:
        """How many members it claims to hold."""
        return len(self.members) - len(self.missing)


def holders(digest: Digest, holdings: Iterable[Holding]) -> tuple[str, ...]:
    """Who claims to hold a blob, each once, in the order of the holdings."""
    return tuple(dict.fromkeys(holding.who for holding in holdings if holding.holds(digest)))


def fewest_copies(
    members: MemberList, holdings: Iterable[Holding], ignored: BitMap | None = None
) -> tuple[int, int]:
    """How many claimants the worst-off member of a slice has, and how many members have so few.

    Args:
        members: The slice's members.
        holdings: At most one of each claimant, all about these members.
        ignored: Places of members that are not counted.
    """
    import numpy as np

    copies = np.zeros(len(members), dtype=np.uint16)
    for holding in holdings:
        copies += 1
        copies[np.array(holding.missing.to_array(), dtype=np.int64)] -= 1
    if ignored:
        copies = np.delete(copies, np.array(ignored.to_array(), dtype=np.int64))
    if not copies.size:
        return 0, 0
    least = int(copies.min())
    return least, int((copies == least).sum())
