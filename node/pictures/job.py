"""What runs in the box: pictures in, what they look like out; called by name, with JSON (crawlers/box.py)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from hashstore.canonical import Json

# Samples in memory at once; the largest scans of herbarium sheets have a fifth of it.
_MOST_PIXELS: Final = 1 << 30


class Fault(StrEnum):
    """Why a picture could not be read."""

    NO_IMAGE = "no-image"
    DAMAGED = "damaged"  # truncated, or not as its format wants it
    TOO_LARGE = "too-large"


def read_pictures(paths: Sequence[str]) -> list[Json]:
    """Read some files.

    Returns:
        For each the columns of the table `picture` but for its digest: `fault`, or `width`, `height`,
        `pixelDigest` (as a URI) and `perceptualHash`; and `decoder`.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS // 2  # Pillow warns from here on, and refuses from the double
    named = decoder()
    return [{**_read(Path(path)), "decoder": named} for path in paths]


def decoder() -> str:
    """What decodes here; other versions may decode a JPEG to slightly other samples."""
    import PIL
    from PIL import features

    jpeg = features.version("libjpeg_turbo") or features.version("jpg")
    return f"Pillow {PIL.__version__}, libjpeg-turbo {jpeg}"


def _read(path: Path) -> dict[str, Json]:
    from PIL import Image, UnidentifiedImageError

    from analyzers.picture.perceptual import perceptual_hash
    from analyzers.picture.pixels import pixel_digest, upright

    try:
        with Image.open(path) as file:
            image = upright(file)
            return {
                "width": image.width,
                "height": image.height,
                "pixelDigest": pixel_digest(image).uri,
                "perceptualHash": perceptual_hash(image),
            }
    except UnidentifiedImageError:
        return {"fault": Fault.NO_IMAGE.value}
    except (Image.DecompressionBombError, MemoryError):
        return {"fault": Fault.TOO_LARGE.value}
    except Exception:  # each of Pillow's readers fails in its own ways
        return {"fault": Fault.DAMAGED.value}
