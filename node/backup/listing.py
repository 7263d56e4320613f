"""The list of a backup's blobs: a line for each, in the order of digests.

    <64 hex digits> <size in bytes> <here | base | archive>

`here` lies in this backup, `base` in a backup that this one builds on, `archive` in the node's archive tier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from node.backup.errors import DamagedBackup

_LONGEST = 128  # bytes of a line


class Where(StrEnum):
    """Where a blob of the list lies."""

    HERE = "here"
    BASE = "base"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line."""

    digest: Digest
    size: int
    where: Where

    def encode(self) -> bytes:
        """The line, with its end."""
        return f"{self.digest.hex} {self.size} {self.where}\n".encode()


def read_list(source: BinaryIO, name: str) -> Iterator[Listed]:
    """Read a list line by line.

    Raises:
        DamagedBackup: A line has another form, or is out of order.
    """
    last: Digest | None = None
    while line := source.readline(_LONGEST):
        try:
            hex_digits, size, where = line.decode("ascii").removesuffix("\n").split(" ")
            listed = Listed(Digest.parse(hex_digits), int(size), Where(where))
        except (ValueError, MalformedDigest) as error:
            raise DamagedBackup(f"{name}: a line is not one of a list of blobs: {error}") from error
        if listed.encode() != line or (last is not None and listed.digest <= last):
            raise DamagedBackup(f"{name}: the line of {listed.digest} is out of order or form.")
        last = listed.digest
        yield listed
