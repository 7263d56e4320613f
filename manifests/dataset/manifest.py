"""The manifest of a dataset version: a line for each member, in the order of digests, under one root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from hashstore.digest import Digest
from hashstore.merkle import MerkleAccumulator, leaf_hash
from manifests.dataset.member import Member, read_member
from manifests.errors import DamagedManifest

MEDIA_TYPE = "application/jsonl"
_HIDDEN = re.compile(rb'\{"leaf":"([0-9a-f]{64})"\}\n?')


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where a member was that is not shown any more: its line's leaf hash, so that the root still holds."""

    leaf: bytes

    def line(self) -> bytes:
        """The line that stands in its place."""
        return b'{"leaf":"%s"}\n' % self.leaf.hex().encode()


Entry = Member | Hidden
LONGEST_LINE: Final = 16 << 20


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a manifest that somebody else may have written.

    Raises:
        DamagedManifest: one is longer than any may be.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise DamagedManifest(f"A line of the manifest has more than {LONGEST_LINE:,} bytes.")
        yield line


def read_manifest(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Read a manifest, line by line.

    Raises:
        DamagedManifest: a line cannot be read, or does not come after the one before.
    """
    last: Digest | None = None
    for number, line in enumerate(lines, 1):
        if hidden := _HIDDEN.fullmatch(line):
            yield Hidden(bytes.fromhex(hidden[1].decode()))
            continue
        member = read_member(line)
        if last is not None and member.digest <= last:
            raise DamagedManifest(f"Line {number} of the manifest does not come after the one before.")
        last = member.digest
        yield member


def members_in(entries: Iterable[Entry]) -> Iterator[Member]:
    """The members that are shown."""
    return (entry for entry in entries if isinstance(entry, Member))


def hide(member: Member) -> Hidden:
    """What stands in the place of a member that must not be shown."""
    return Hidden(leaf_hash(member.line().removesuffix(b"\n")))


class ManifestRoot:
    """The RFC 9162 root over lines as they come; the leaf of a line is its bytes without the newline."""

    def __init__(self) -> None:
        self._tree = MerkleAccumulator()
        self.count = 0

    def add(self, entry: Entry) -> None:
        """Take in the next entry."""
        self._tree.append(entry.leaf if isinstance(entry, Hidden) else hide(entry).leaf)
        self.count += 1

    def add_line(self, line: bytes) -> None:
        """Take in the next entry as it is written."""
        self._tree.append(leaf_hash(line.removesuffix(b"\n")))
        self.count += 1

    @property
    def root(self) -> Digest:
        """The root over what was taken in."""
        return Digest(self._tree.root())


class Change(StrEnum):
    """How a member differs between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One member that differs.

    Attributes:
        change: How.
        digest: The member.
        fields: Which members of its line differ; empty unless it is in both versions.
    """

    change: Change
    digest: Digest
    fields: tuple[str, ...] = ()


def differences(old: Iterable[Member], new: Iterable[Member]) -> Iterator[Difference]:
    """What a version has other than an older one, in the order of digests; both are read only once."""
    before, after = iter(old), iter(new)
    one, other = next(before, None), next(after, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.digest < other.digest):
            assert one is not None
            yield Difference(Change.REMOVED, one.digest)
            one = next(before, None)
        elif one is None or other.digest < one.digest:
            yield Difference(Change.ADDED, other.digest)
            other = next(after, None)
        else:
            if fields := _fields(one, other):
                yield Difference(Change.CHANGED, one.digest, fields)
            one, other = next(before, None), next(after, None)


def _fields(one: Member, other: Member) -> tuple[str, ...]:
    if one == other:
        return ()
    before, after = one.document(), other.document()
    return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
