"""Opening a stored image, or a pyramid made of one, so that parts of it can be had in several sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from node.iiif.decode.kinds import HEAD, Kind, kind_of
from node.iiif.decode.vips import library
from node.iiif.facts import Fault

if TYPE_CHECKING:
    from pyvips import Image

_JPEG_LEVELS: Final = 4  # libjpeg gives whole, halves, quarters, eighths
MOST_IN_MEMORY: Final = 1 << 28  # pixels of an image that can only be decoded whole
_MOST_OPEN: Final = 4
_DEPTHS: Final = ("uchar", "ushort")


class FaultyImage(Exception):
    """An image cannot be shown."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Source:
    """An image that was opened.

    Attributes:
        kind: Its format.
        width: Pixels of a stored row.
        height: Stored rows.
        orientation: EXIF's Orientation, 1 to 8.
        levels: In how many sizes it can be had, each half of the one before.
        level: Gives one of them, to be read from its first row to its last.
    """

    kind: Kind
    width: int
    height: int
    orientation: int
    levels: int
    level: Callable[[int], Image]


def open_stored(path: Path, most_pixels: int) -> Source:
    """Open a stored image of whichever format; only its header is read.

    Raises:
        FaultyImage: It is none, damaged, or has more than `most_pixels`.
    """
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if kind is None:
        raise FaultyImage(Fault.NOT_UNDERSTOOD)
    if kind is Kind.JPEG2000:
        from node.iiif.decode.jpeg2000 import open_jpeg2000

        return open_jpeg2000(path)
    return _opened(path, kind, most_pixels)


def open_pyramid(path: Path, orientation: int) -> Source:
    """Open a pyramid that was made here; the last ones stay open, since tiles are asked for by the dozen."""
    levels = _pyramid(str(path), path.stat().st_ino)
    whole = levels(0)
    pages = whole.get("n-pages") if whole.get_typeof("n-pages") else 1
    return Source(Kind.TIFF, whole.width, whole.height, orientation, pages, levels)


@lru_cache(maxsize=_MOST_OPEN)
def _pyramid(path: str, inode: int) -> Callable[[int], Image]:
    """Its levels, each opened once; one that was made anew in the same place is another file."""
    return cache(lambda number: library().Image.tiffload(path, page=number))


def _opened(path: Path, kind: Kind, most_pixels: int) -> Source:
    image = _load(path, kind, 0)
    # The last row of what is interlaced comes with the last byte.
    streamed = kind.streamed and not image.get_typeof("interlaced")
    most = most_pixels if streamed else min(most_pixels, MOST_IN_MEMORY)
    if image.width * image.height > most:
        raise FaultyImage(Fault.TOO_LARGE)
    if image.format not in _DEPTHS:
        raise FaultyImage(Fault.NOT_UNDERSTOOD)
    levels = _JPEG_LEVELS if kind is Kind.JPEG else 1
    return Source(
        kind, image.width, image.height, _orientation(image), levels, lambda level: _load(path, kind, level)
    )


def _load(path: Path, kind: Kind, level: int) -> Image:
    """The first page, or the first frame of what moves; never what else a file may be read as."""
    image = library().Image
    # Of a TIFF that ends too early, what is missing would come as black; libvips calls that an error.
    wishes = {"access": "sequential", "fail_on": "error" if kind is Kind.TIFF else "truncated"}
    match kind:
        case Kind.JPEG:
            return image.jpegload(str(path), shrink=1 << level, **wishes)
        case Kind.PNG:
            return image.pngload(str(path), **wishes)
        case Kind.TIFF:
            return image.tiffload(str(path), **wishes)
        case Kind.WEBP:
            return image.webpload(str(path), **wishes)
        case Kind.GIF:
            return image.gifload(str(path), **wishes)
        case _:
            return image.heifload(str(path), **wishes)


def _orientation(image: Image) -> int:
    if not image.get_typeof("orientation"):
        return 1
    found = image.get("orientation")
    return found if found in range(1, 9) else 1
