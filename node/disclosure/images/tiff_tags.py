"""The tags that TIFF files and EXIF blocks share (TIFF 6.0, section 2): read, and written anew."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from node.disclosure.images.errors import NotUnderstood

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SHORT: Final = 3
_MOST_TAGS: Final = 1_000
_MOST_DIRECTORIES: Final = 32
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x0112, 0x011A, 0x011B, 0x0128
EXIF_DIRECTORY, GPS_DIRECTORY, MAKER_NOTE = 0x8769, 0x8825, 0x927C
_DIRECTORIES: Final = (EXIF_DIRECTORY, GPS_DIRECTORY, 0xA005)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a directory: its number, its type, how many values, and their bytes as they stand."""

    number: int
    type: int
    count: int
    data: bytes


def read_tags(block: bytes) -> Iterator[Tag]:
    """Every tag of every directory of a TIFF structure, private and following ones included.

    Raises:
        NotUnderstood: it is no TIFF structure, or points outside itself.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        raise NotUnderstood("its EXIF block is no TIFF structure")
    waiting, seen = [_number(block, 4, order)], set[int]()
    while waiting:
        offset = waiting.pop()
        if offset in seen or not offset:
            continue
        seen.add(offset)
        if len(seen) > _MOST_DIRECTORIES:
            raise NotUnderstood("its EXIF block has too many directories")
        tags, following = _directory(block, offset, order)
        waiting.append(following)
        for tag in tags:
            if tag.number in _DIRECTORIES and len(tag.data) >= 4:
                waiting.append(struct.unpack(f"{order}I", tag.data[:4])[0])
            yield tag


def _directory(block: bytes, offset: int, order: str) -> tuple[list[Tag], int]:
    try:
        (count,) = struct.unpack_from(f"{order}H", block, offset)
        if count > _MOST_TAGS:
            raise NotUnderstood("a directory of its EXIF block has too many tags")
        tags = [_tag(block, offset + 2 + 12 * place, order) for place in range(count)]
        end = offset + 2 + 12 * count
        # Some cameras leave out the link to a following directory at the very end.
        return tags, _number(block, end, order) if end + 4 <= len(block) else 0
    except struct.error as error:
        raise NotUnderstood("its EXIF block points outside itself") from error


def _tag(block: bytes, place: int, order: str) -> Tag:
    number, kind, count = struct.unpack_from(f"{order}HHI", block, place)
    size = _SIZES.get(kind, 1) * count
    start = place + 8 if size <= 4 else _number(block, place + 8, order)
    data = block[start : start + size]
    if len(data) < size:
        raise NotUnderstood("its EXIF block points outside itself")
    return Tag(number, kind, count, data)


def _number(block: bytes, place: int, order: str) -> int:
    try:
        return int(struct.unpack_from(f"{order}I", block, place)[0])
    except struct.error as error:
        raise NotUnderstood("its EXIF block points outside itself") from error


def orientation_of(block: bytes) -> int:
    """How the picture is to be turned (1 to 8, 1 being not at all), by the first directory that says it."""
    order = "<" if block[:2] == b"II" else ">"
    for tag in read_tags(block):
        if tag.number == ORIENTATION and tag.type == _SHORT and tag.count == 1:
            value = int(struct.unpack(f"{order}H", tag.data)[0])
            return value if 1 <= value <= 8 else 1
    return 1


def exif_block(values: Mapping[int, int]) -> bytes:
    """A TIFF structure that holds these short values and nothing else."""
    entries = b"".join(
        struct.pack(">HHIHH", tag, _SHORT, 1, value, 0) for tag, value in sorted(values.items())
    )
    return b"MM\0*" + struct.pack(">IH", 8, len(values)) + entries + struct.pack(">I", 0)
