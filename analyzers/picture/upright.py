"""An upright picture as Pillow has it, for what is defined over Pillow's samples (spec/pictures.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzers.errors import UnreadablePicture
from analyzers.picture.picture import opened
from analyzers.picture.pixels import upright

if TYPE_CHECKING:
    from PIL.Image import Image


def upright_of(data: bytes) -> Image:
    """Decode some bytes whole.

    Raises:
        UnreadablePicture: They are no image, damaged, or too large.
    """
    with opened(data) as image:
        try:
            return upright(image)
        except MemoryError:
            raise UnreadablePicture("too-large") from None
        except Exception:  # each of Pillow's readers fails in its own ways
            raise UnreadablePicture("damaged") from None
