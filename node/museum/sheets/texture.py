"""Noise that makes paper, felt and pressed tissue look like what they are; all of it follows from a seed."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Field = NDArray[np.float32]
_TILE = 512


def grain(size: tuple[int, int], cell: int, name: str) -> Field:
    """Make smooth noise around 0 with deviation of about 1.

    Args:
        size: Width and height in pixels.
        cell: Width of its lumps in pixels; 1 for plain grain, which repeats every 512 pixels unseen.
        name: Seed.

    Returns:
        Array of shape (height, width).
    """
    width, height = size
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    source = np.random.Generator(np.random.PCG64(seed))
    if cell == 1:
        tile = source.integers(0, 256, (min(height, _TILE), min(width, _TILE)), dtype=np.uint8)
        across, down = -(-width // _TILE), -(-height // _TILE)
        raw = np.tile(tile, (down, across))[:height, :width]
    else:
        small = source.integers(0, 256, (height // cell + 2, width // cell + 2), dtype=np.uint8)
        raw = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC))
    field: Field = raw.astype(np.float32)
    field -= 127.5
    field /= 74
    return field


def surface(
    size: tuple[int, int], colour: tuple[int, int, int], name: str, fine: float, coarse: float
) -> Image.Image:
    """Make a sheet of a colour with fine grain and coarse stains, given as deviations in sRGB steps."""
    field = grain(size, 1, name + "fine")
    field *= fine * 1.4
    stain = grain(size, 190, name + "coarse")
    stain += grain(size, 40, name + "blot") * np.float32(0.35)
    channels = []
    for part, warmth in zip(colour, (0.7, 1.0, 1.7), strict=True):
        shade = stain * np.float32(coarse * warmth)
        shade += field
        shade += part
        channels.append(Image.fromarray(np.clip(shade, 0, 255, out=shade).astype(np.uint8)))
    return Image.merge("RGB", channels)


def pressed(layer: Image.Image, name: str) -> Image.Image:
    """Give drawn tissue (RGBA) the unevenness of dried tissue: blotches, grain, darker towards its rim."""
    extent = layer.getbbox() or (0, 0, 1, 1)
    part = layer.crop(extent)
    tone = grain(part.size, 26, name + "blotch") * np.float32(0.06)
    tone += grain(part.size, 5, name + "vein") * np.float32(0.05)
    tone += grain(part.size, 1, name + "speck") * np.float32(0.045)
    tone += 1
    inner = np.asarray(part.getchannel("A").filter(ImageFilter.BoxBlur(4)), dtype=np.float32)
    tone *= inner * np.float32(0.18 / 255) + np.float32(0.84)
    shaded = []
    for band in part.split()[:3]:
        shade = np.asarray(band) * tone
        shaded.append(Image.fromarray(np.clip(shade, 0, 255, out=shade).astype(np.uint8)))
    out = Image.new("RGBA", layer.size)
    out.paste(Image.merge("RGBA", [*shaded, part.getchannel("A")]), extent[:2])
    return out
