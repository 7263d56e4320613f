"""What an archive comes in: the interface that zip, tar, gzip, folder and bare file share, and the checks
they share.

Members are unpacked under names of our own, so no name inside an archive ever becomes a path. Names that
try to (`..`, absolute) mark an archive as hostile and refuse it all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from hashstore.digest import Digest

Digests: TypeAlias = Digest | Mapping[str, Digest]

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name as given there, the same with `/` between parts, its size in bytes."""

    name: str
    path: str
    size: int


class Container(Protocol):
    """An opened archive."""

    @property
    def members(self) -> tuple[Member, ...]:
        """Its files, in the archive's own order, without by-products of macOS."""

    def extract(self, member: Member) -> Path:
        """A file with the member's bytes, the same file each time."""

    def address(self, member: Member) -> str:
        """What the source row of a line of the member begins with, up to and without the `L`."""

    def close(self) -> None:
        """Let go of what is open."""


def posix(name: str, archive: str) -> str:
    """A member's name with forward slashes and without `./`.

    Raises:
        ArchiveRefused: The name is absolute, climbs out of the archive, or holds a control.
    """
    # Some Windows tools write `\\meta.xml`: that leading backslash means the archive's own root.
    path = name.replace("\\", "/")
    if name.startswith("\\") and not name.startswith("\\\\"):
        path = path[1:]
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if any(character < " " for character in name):
        raise ArchiveRefused(f"the name {name!r} holds a control character", file=archive)
    if path.startswith("/") or ".." in parts or (parts and parts[0][1:2] == ":"):
        raise ArchiveRefused(f"the name {name!r} leads out of the archive", file=archive)
    return "/".join(parts)


def is_junk(path: str) -> bool:
    """Whether a file is a by-product of macOS, not part of the archive."""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2].startswith(("._", ".DS_Store"))


def check_members(members: list[Member], archive: str, limits: Limits) -> tuple[Member, ...]:
    """Hold an archive's listing to the limits, and leave out by-products.

    Raises:
        ArchiveRefused: Too many members, too many bytes, or a name twice.
    """
    if len(members) > limits.max_members:
        raise ArchiveRefused(f"it has more than {limits.max_members} members", file=archive)
    if sum(member.size for member in members) > limits.max_total:
        raise ArchiveRefused(f"it unpacks to more than {limits.max_total} bytes", file=archive)
    seen: set[str] = set()
    for member in members:
        if member.path in seen:
            raise ArchiveRefused(f"the name {member.path!r} stands in it twice", file=archive)
        seen.add(member.path)
    return tuple(member for member in members if not is_junk(member.path))


def check_ratio(size: int, packed: int, name: str, limits: Limits) -> None:
    """Refuse what unpacks to absurdly more than it weighs.

    Raises:
        ArchiveRefused: It looks like a decompression bomb.
    """
    if size > limits.ratio_from and size > limits.max_ratio * max(packed, 1):
        raise ArchiveRefused(
            f"it unpacks to more than {limits.max_ratio} times its size, as decompression bombs do", file=name
        )


def copy_bounded(reader: BinaryIO, target: Path, most: int, name: str) -> int:
    """Write a stream to a file and say how many bytes it was.

    Raises:
        ArchiveRefused: The stream is longer than `most` bytes.
    """
    written = 0
    with target.open("wb") as writer:
        while block := reader.read(_BLOCK):
            written += len(block)
            if written > most:
                raise ArchiveRefused(f"it unpacks to more than {most} bytes", file=name)
            writer.write(block)
    return written


def digest_of(digests: Digests, name: str) -> Digest:
    """The digest of a file by name; where one digest is given, that one.

    Raises:
        ArchiveRefused: None is given for that name.
    """
    if isinstance(digests, Digest):
        return digests
    try:
        return digests[name]
    except KeyError:
        raise ArchiveRefused("no digest is given for it", file=name) from None
