"""Where the parts of a log lie (C2SP tlog-tiles): paths and widths of tiles, and the form of entry bundles.

Level `ENTRIES` (-1) stands for the entry bundles, which are cut exactly like the tiles of level 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from provenance.errors import CorruptLog, MalformedLeaf

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_SIZE = 32
ENTRIES = -1
_LARGEST_ENTRY = 0xFFFF
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile or entry bundle.

    Attributes:
        level: 0 for leaf hashes, 1 for roots of full tiles of level 0, and so on; `ENTRIES` for bundles.
        index: its place within the level.
        width: how many hashes or entries it holds, 1 to 256; 256 is a full tile.
    """

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Its path below the log's folder or URL prefix."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number_path(self.index)}{partial}"

    @property
    def full(self) -> Tile:
        """The tile that stands in this place once it is full."""
        return Tile(self.level, self.index, WIDTH)


def parse_tile_path(path: str) -> Tile | None:
    """The tile that a path names, or None where it names none in the one form allowed."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = ENTRIES if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match[3] or WIDTH))
    return tile if tile.path == path and level < 64 and tile.width <= WIDTH else None


def nodes_at(level: int, size: int) -> int:
    """How many hashes (or entries) a level holds in a tree of `size` leaves."""
    return size >> (HEIGHT * max(level, 0))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile and bundle that a reader of a tree of `size` leaves may ask for, bundles first."""
    level = ENTRIES
    while (count := nodes_at(level, size)) > 0:
        yield from (Tile(level, index, WIDTH) for index in range(count // WIDTH))
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


def tile_at(level: int, node: int, size: int) -> Tile:
    """The tile of a tree of `size` leaves that holds the `node`-th hash (or entry) of a level."""
    index = node // WIDTH
    return Tile(level, index, min(WIDTH, nodes_at(level, size) - index * WIDTH))


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile, 32 bytes each."""
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Writes a bundle: each entry after its length as big-endian uint16.

    Raises:
        MalformedLeaf: an entry is longer than 65,535 bytes.
    """
    for entry in entries:
        if len(entry) > _LARGEST_ENTRY:
            raise MalformedLeaf(f"A log entry has at most {_LARGEST_ENTRY} bytes; this one has {len(entry)}.")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack_entries(data: bytes, where: str) -> list[bytes]:
    """Reads a bundle.

    Raises:
        CorruptLog: a length points beyond the end; `where` names the bundle.
    """
    entries: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        if position > len(data) or start > len(data):
            raise CorruptLog(f"{where}: entry {len(entries)} of the bundle is cut off.")
        entries.append(data[start:position])
    return entries


@lru_cache(maxsize=4096)
def _number_path(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)
