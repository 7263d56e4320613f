"""JPEG 2000, which libvips' wheel does not read: decoded whole by Pillow (OpenJPEG)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from node.iiif.decode.kinds import Kind
from node.iiif.decode.source import MOST_IN_MEMORY, FaultyImage, Source
from node.iiif.decode.vips import library
from node.iiif.facts import Fault

if TYPE_CHECKING:
    from pyvips import Image as VipsImage

_PLAIN: Final = ("L", "LA", "RGB", "RGBA", "I;16")


def open_jpeg2000(path: Path) -> Source:
    """Open one; only its header is read.

    Raises:
        FaultyImage: It is none, damaged or too large.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=["JPEG2000"]) as image:
            width, height = image.size
    except Exception:  # each of Pillow's readers fails in its own ways
        raise FaultyImage(Fault.DAMAGED) from None
    if width * height > MOST_IN_MEMORY:
        raise FaultyImage(Fault.TOO_LARGE)
    return Source(Kind.JPEG2000, width, height, 1, 1, lambda level: _decoded(path))


def _decoded(path: Path) -> VipsImage:
    import numpy as np
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_IN_MEMORY
    try:
        with Image.open(path, formats=["JPEG2000"]) as image:
            image.load()
            plain = image if image.mode in _PLAIN else image.convert("RGB")
            samples = np.asarray(plain)
    except MemoryError:
        raise FaultyImage(Fault.TOO_LARGE) from None
    except Exception:
        raise FaultyImage(Fault.DAMAGED) from None
    found = library().Image.new_from_array(samples)
    deep = found.format == "ushort"
    if found.bands < 3:
        return found.copy(interpretation="grey16" if deep else "b-w")
    return found.copy(interpretation="rgb16" if deep else "srgb")
