"""A picture that an analyzer reads: its bytes, and its pixels in the size that is needed.

Pixels are upright RGB. A JPEG is decoded at the smallest scale that suffices (n/8 of its size, by
libjpeg-turbo within simplejpeg), since that is eight times as fast as decoding it whole. Which decoder works
is part of every analyzer's identity: resized pixels of two decoders differ.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import UnreadablePicture
from analyzers.region import Region
from hashstore.digest import Digest

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS: Final = 1 << 30
Pixels = npt.NDArray[np.uint8]
_ORIENTATION: Final = 0x0112
# What Pillow's exif_transpose does, as turns of an array: quarter turns against the clock, then mirrored.
_TURNS: Final = {
    2: (0, True),
    3: (2, False),
    4: (2, True),
    5: (3, True),
    6: (3, False),
    7: (1, True),
    8: (1, False),
}


@dataclass(slots=True)
class Picture:
    """One picture, or a region of it.

    Attributes:
        digest: Of its bytes; whoever makes this has checked them.
        data: The bytes.
        region: The part that is to be read; None for all of it. Analyzers look at `pixels`, which is cropped.
    """

    digest: Digest
    data: bytes
    region: Region | None = None
    _size: tuple[int, int] | None = field(default=None, init=False, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole upright picture, in pixels; nothing is decoded for it.

        Raises:
            UnreadablePicture: It is no image, or too large.
        """
        if self._size is None:
            with opened(self.data) as image:
                turned = orientation(image) >= 5
                self._size = (image.height, image.width) if turned else (image.width, image.height)
        return self._size

    def pixels(self, shortest: int | None = None) -> Pixels:
        """The picture, or its region, as an array of height, width and 3: upright RGB.

        Args:
            shortest: If the shorter side may be as small as that, a JPEG is decoded at a smaller scale; the
                shorter side of what comes is at least this, unless the picture itself is smaller. None for
                full size. A region is always cropped from full size.

        Raises:
            UnreadablePicture: It is no image, damaged, or too large.
        """
        if self.region is None:
            return decode(self.data, shortest)
        whole, bounds = decode(self.data, None), self.region.bounds
        if bounds is None:
            return whole
        return whole[bounds.y : bounds.y + bounds.height, bounds.x : bounds.x + bounds.width]


def opened(data: bytes) -> Image:
    """An image whose header was read.

    Raises:
        UnreadablePicture: It is no image, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow warns from here on, and refuses from the double
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        raise UnreadablePicture("no-image") from None
    except Image.DecompressionBombError:
        raise UnreadablePicture("too-large") from None
    except Exception:  # each of Pillow's readers fails in its own ways
        raise UnreadablePicture("damaged") from None


def orientation(image: Image) -> int:
    """The value of EXIF's Orientation, 1 to 8; 1 where there is none, or none that means anything."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF of strangers; a picture is not lost for it
        return 1
    return found if found in _TURNS else 1


def decode(data: bytes, shortest: int | None = None) -> Pixels:
    """Upright RGB of some bytes; see `Picture.pixels`.

    Raises:
        UnreadablePicture: They are no image, damaged, or too large.
    """
    with opened(data) as image:
        if image.format == "JPEG" and image.mode in ("RGB", "L"):
            found = _jpeg(data, shortest)
            return turned(found, orientation(image)) if found is not None else _other(image)
        return _other(image)


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """An array turned and mirrored as EXIF's Orientation says."""
    quarters, mirrored = _TURNS.get(orientation, (0, False))
    found = np.rot90(pixels, quarters)
    return np.ascontiguousarray(found[:, ::-1] if mirrored else found)


def _jpeg(data: bytes, shortest: int | None) -> Pixels | None:
    """None where libjpeg warns: Pillow then tells what is truncated from what only has odd bytes in it."""
    import simplejpeg

    least = shortest or 0
    try:
        found: Pixels = simplejpeg.decode_jpeg(data, "RGB", False, False, least, least, 1, None, True)
        return found
    except MemoryError:
        raise UnreadablePicture("too-large") from None
    except ValueError:
        return None


def _other(image: Image) -> Pixels:
    from analyzers.picture.pixels import upright

    try:
        shown = upright(image)
        if shown.mode == "I;16":  # of 65,536 steps of grey, 256 are looked at
            deep = np.asarray(shown, np.uint16) >> 8
            return np.repeat(deep.astype(np.uint8)[:, :, None], 3, axis=2)
        return np.asarray(shown.convert("RGB"), np.uint8)
    except MemoryError:
        raise UnreadablePicture("too-large") from None
    except Exception:  # each of Pillow's readers fails in its own ways
        raise UnreadablePicture("damaged") from None
