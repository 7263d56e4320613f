"""Colour spaces and differences: sRGB (IEC 61966-2-1), CIE L*a*b* under D65, and CIEDE2000.

CIEDE2000 as in Sharma, Wu and Dalal, Color Research and Application 30 (2005), whose test data hold it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE: Final = _TO_XYZ.sum(1)
_LOW: Final = 216 / 24389
_25_TO_7: Final = 25.0**7


def linear(srgb: npt.NDArray[np.generic]) -> Floats:
    """Light, 0 to 1, of sRGB, 0 to 255."""
    share = srgb.astype(np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((np.maximum(share, 0) + 0.055) / 1.055) ** 2.4)


def encoded(light: Floats) -> Floats:
    """The sRGB, 0 to 255, of light; beyond 0 to 1 it is cut off."""
    kept = np.clip(light, 0, 1)
    share = np.where(kept <= 0.0031308, kept * 12.92, 1.055 * kept ** (1 / 2.4) - 0.055)
    return share * 255


def lab_of_light(light: Floats) -> Floats:
    """L*, a*, b* of linear light, along the last axis."""
    # Written out: a product of matrices is added up in another order on other machines.
    relative = np.stack([(light * row).sum(-1) for row in _TO_XYZ], -1) / _WHITE
    cube = np.where(relative > _LOW, np.cbrt(relative), (relative * 24389 / 27 + 16) / 116)
    x, y, z = cube[..., 0], cube[..., 1], cube[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def lab(srgb: npt.NDArray[np.generic]) -> Floats:
    """L*, a*, b* of sRGB 0 to 255, along the last axis."""
    return lab_of_light(linear(srgb))


def difference(one: Floats, other: Floats) -> Floats:
    """CIEDE2000 between colours in L*a*b*, along the last axis."""
    lightness = (one[..., 0] + other[..., 0]) / 2
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + _25_TO_7)))
    (c1, h1), (c2, h2) = (_polar(colour[..., 1] * stretch, colour[..., 2]) for colour in (one, other))
    turn = np.where(c1 * c2 == 0, 0.0, (h2 - h1 + 180) % 360 - 180)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    middle = np.where(c1 * c2 == 0, h1 + h2, (h1 + turn / 2) % 360)
    chroma = (c1 + c2) / 2
    weight = _hue_weight(middle)
    from_grey = (lightness - 50) ** 2
    by_light = (other[..., 0] - one[..., 0]) / (1 + 0.015 * from_grey / np.sqrt(20 + from_grey))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = hue / (1 + 0.015 * chroma * weight)
    twist = -2 * np.sqrt(chroma**7 / (chroma**7 + _25_TO_7))
    twist = twist * np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2))))
    found: Floats = np.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + twist * by_chroma * by_hue)
    return found


def _polar(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _hue_weight(hue: Floats) -> Floats:
    cosines = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    found = np.ones_like(hue)
    for share, times, shift in cosines:
        found += share * np.cos(np.radians(times * hue + shift))
    return found
