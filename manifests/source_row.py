"""Where a row stood in the published bytes: Preston's own notation for lines of files, also inside archives.

    line:hash://sha256/<H>!/L42                           a file
    line:zip:hash://sha256/<H>!/multimedia.txt!/L42-L43   a record over two physical lines of a file in a zip
    line:tar:gz:hash://sha256/<H>!/data/media.csv!/L7     a file in a compressed tar

Schemes are read from the right: what stands next to the digest is undone first.
"""

import re
from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.errors import MalformedAddress

# Those that hold members, and those that only wrap one stream of bytes.
_HOLDING = frozenset({"zip", "tar"})
_WRAPPING = frozenset({"gz", "bz2", "xz"})
_ADDRESS = re.compile(
    r"line:((?:(?:zip|tar|gz|bz2|xz):)*)(hash://sha256/[0-9a-f]{64})(?:!/(.+))?!/L([1-9][0-9]{0,15})(?:-L([1-9][0-9]{0,15}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by the digest of what was published, and the way into it.

    Attributes:
        digest: Of the bytes as received: of the file itself, or of the archive around it.
        schemes: How to unpack, in the order in which they are printed: the innermost layer first.
        members: Names of members, from the outermost archive inward; one for each zip or tar.
    """

    digest: Digest
    schemes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.schemes) - _HOLDING - _WRAPPING:
            raise MalformedAddress(f"we know no way into {', '.join(sorted(unknown))} files")
        archives = sum(scheme in _HOLDING for scheme in self.schemes)
        if archives != len(self.members):
            raise MalformedAddress(
                f"{archives} archives, one in the other, need as many members; got {self.members}"
            )
        for member in self.members:
            _check_member(member, alone=len(self.members) == 1)

    @classmethod
    def zipped(cls, digest: Digest, member: str) -> "SourceFile":
        """A file in a zip."""
        return cls(digest, ("zip",), (member,))

    @property
    def prefix(self) -> str:
        """All of a row's address but its lines, so that many can be made by appending `L42`."""
        schemes = "".join(f"{scheme}:" for scheme in self.schemes)
        members = "".join(f"{member}!/" for member in self.members)
        return f"line:{schemes}{self.digest.uri}!/{members}"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Physical lines of a published file.

    Attributes:
        file: The file.
        first: Its first line, counted from 1.
        last: Its last line; the same for a row on one line.
    """

    file: SourceFile
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise MalformedAddress(f"lines {self.first} to {self.last} are no range of lines counted from 1")

    @classmethod
    def parse(cls, text: str) -> "SourceRow":
        """Read an address.

        Raises:
            MalformedAddress: The text is no source row address, or not in the form in which we print it.
        """
        found = _ADDRESS.fullmatch(text)
        if not found:
            raise MalformedAddress(
                f"{text!r} is no source row; one looks like line:zip:hash://sha256/<hex>!/media.txt!/L42"
            )
        schemes = tuple(found[1].split(":")[:-1])
        members = _members(found[3], sum(scheme in _HOLDING for scheme in schemes))
        first = int(found[4])
        row = cls(SourceFile(Digest.parse(found[2]), schemes, members), first, int(found[5] or first))
        if row.print() != text:
            raise MalformedAddress(f"{text!r} should be written {row.print()!r}")
        return row

    def print(self) -> str:
        """The one canonical form."""
        lines = f"L{self.first}" if self.first == self.last else f"L{self.first}-L{self.last}"
        return self.file.prefix + lines

    def __str__(self) -> str:
        return self.print()


def _members(text: str | None, archives: int) -> tuple[str, ...]:
    """One archive's member is whatever stands there, even with `!/` in its name."""
    if text is None:
        return ()
    return (text,) if archives == 1 else tuple(text.split("!/"))


def _check_member(member: str, *, alone: bool) -> None:
    if not member or any(character < " " for character in member):
        raise MalformedAddress(f"{member!r} cannot be part of a source row: it is empty or holds a control")
    if not alone and "!/" in member:
        raise MalformedAddress(f"{member!r} in nested archives would make the address ambiguous")
