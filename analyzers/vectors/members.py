"""What an index has vectors of: pictures and regions of pictures, in one order, under one Merkle root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import DamagedIndex, MalformedRegion
from analyzers.output import Input
from analyzers.region import parse_region
from hashstore.digest import Digest
from hashstore.merkle import MerkleAccumulator, leaf_hashes

_HEX: Final = 64
_LINE: Final = re.compile(rb"[0-9a-f]{64}(?: [\x21-\x7e][\x20-\x7e]*)?")
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Members:
    """Inputs of an analyzer in ascending order of their lines.

    Attributes:
        lines: For each the 64 hex digits of its digest, and after a space the region if it is one.
    """

    lines: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        """The list's one written form: each line with a line feed."""
        return b"".join(line + b"\n" for line in self.lines)

    @cached_property
    def root(self) -> Digest:
        """The RFC 9162 root whose leaves are the lines."""
        tree = MerkleAccumulator()
        tree.extend(leaf_hashes(self.lines))
        return Digest(tree.root())

    def places(self, digests: Iterable[Digest]) -> Places:
        """Where vectors of these pictures and of their regions stand, ascending from 0."""
        wanted = np.array([digest.hex for digest in digests], f"S{_HEX}")
        first = np.searchsorted(self._pictures, wanted, "left")
        behind = np.searchsorted(self._pictures, wanted, "right")
        several = [np.arange(low, high) for low, high in zip(first, behind, strict=True) if high > low + 1]
        return np.unique(np.concatenate([first[behind == first + 1], *several]).astype(np.int64))

    @cached_property
    def _pictures(self) -> npt.NDArray[np.bytes_]:
        return np.array([line[:_HEX] for line in self.lines], f"S{_HEX}")

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, place: int) -> Input:
        return _read(self.lines[place])

    def __iter__(self) -> Iterator[Input]:
        return map(_read, self.lines)


def members_of(inputs: Iterable[Input]) -> Members:
    """The members among some inputs, in whatever order they come, each once."""
    return Members(tuple(sorted({line_of(input) for input in inputs})))


def line_of(input: Input) -> bytes:
    """How a member is written, and by what members are ordered."""
    return (f"{input.digest.hex} {input.region.text}" if input.region else input.digest.hex).encode("ascii")


def read_members(data: bytes) -> Members:
    """Read the bytes of a list.

    Raises:
        DamagedIndex: They are no such list, or it is not in order.
    """
    if data and not data.endswith(b"\n"):
        raise DamagedIndex("A list of an index's members ends within a line.")
    lines = tuple(data.split(b"\n")[:-1])
    for number, (before, line) in enumerate(zip((b"", *lines), lines, strict=False), 1):
        if line <= before or not _LINE.fullmatch(line):
            raise DamagedIndex(f"Line {number} of an index's members is no digest, or not in its place.")
    return Members(lines)


def _read(line: bytes) -> Input:
    digest, _, region = line.decode("ascii").partition(" ")
    try:
        return Input(Digest.parse(digest), parse_region(region) if region else None)
    except MalformedRegion as error:
        raise DamagedIndex(f"An index names a region that is none: {error}") from error
