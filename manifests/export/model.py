"""What an export is made of: files in a fixed order, each copied from a blob or made from the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hashstore.blobstore.interface import Chunk
from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that is the bytes of a member, as they are.

    Attributes:
        path: Where it goes, relative, with `/`; made of digests and of names that `names` made harmless.
        digest: The member.
        size: In bytes, as the dataset's manifest says.
    """

    path: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is made from the dataset: an annotation, a table, a shard.

    Attributes:
        path: Where it goes.
        chunks: Gives its bytes from the start, the same ones each time that it is called.
    """

    path: str
    chunks: Callable[[], Iterator[Chunk]]


File: TypeAlias = Copy | Made


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that an export holds, as its manifest tells.

    Attributes:
        path: Where it is, relative to the export's root.
        digest: Of its bytes.
        size: In bytes.
        member: Whether its bytes are those of a member of the dataset.
    """

    path: str
    digest: Digest
    size: int
    member: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What an image's header tells.

    Attributes:
        width: In pixels, of the upright image (EXIF orientation applied).
        height: Likewise.
        bands: Values that a pixel has; 3 of a colour photograph, 1 of a grey one.
    """

    width: int
    height: int
    bands: int = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """A member that cannot be handed over.

    Attributes:
        digest: The member.
        reason: A code: `withdrawn`, `withheld`, `absent`, `corrupt` or `unreadable`.
        words: The same for a curator, with what to do next.
    """

    digest: Digest
    reason: str
    words: str
