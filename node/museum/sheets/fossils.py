"""Fossils on their slabs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, shade, vary
from node.museum.sheets.geometry import Point, ahead, ellipse, smooth

CENTRE: Point = (560.0, 520.0)
_LIGHT = -2.3


def ammonite(brush: Brush, chance: Random) -> None:
    """Dactylioceras commune: many whorls with close ribs, in dark shale."""
    _slab(brush, 430, (98, 94, 92), chance)
    growth, whorls = 0.118, 4.6
    outer = 330 / math.exp(growth * whorls * math.tau)
    steps = round(whorls * 190)
    for step in range(steps):
        angle = step / steps * whorls * math.tau
        radius = outer * math.exp(growth * angle)
        inside = radius * math.exp(-growth * math.tau) * 1.02
        rib = 0.84 + 0.26 * math.cos(angle * 26 + 1.1 * math.sin(angle))
        _whorl_piece(brush, angle, inside, radius, rib)
    brush.dot(CENTRE, outer * 1.4, (84, 78, 72))


def _whorl_piece(brush: Brush, angle: float, inside: float, radius: float, rib: float) -> None:
    """Draw a thin slice of a whorl, rounded across: its bands are lit as they face the light."""
    width = 0.045
    for band in range(5):
        low, high = (inside + (radius - inside) * part / 5 for part in (band, band + 1))
        across = (band - 2) / 2.4
        light = 1.0 + 0.34 * across * math.cos(angle - _LIGHT) - 0.28 * across**2
        corners = [
            ahead(CENTRE, angle - width, low),
            ahead(CENTRE, angle + width, low),
            ahead(CENTRE, angle + width, high),
            ahead(CENTRE, angle - width, high),
        ]
        brush.shape(corners, shade((142, 130, 112), light * rib), None)


def trilobite(brush: Brush, chance: Random) -> None:
    """Ellipsocephalus hoffi: smooth headshield, twelve segments, a very small tail."""
    _slab(brush, 420, (152, 134, 104), chance)
    rust: Colour = (138, 96, 58)
    x, top = CENTRE[0], 250.0
    head = [
        (-170, 120),
        (-160, 40),
        (-90, -30),
        (0, -48),
        (90, -30),
        (160, 40),
        (170, 120),
        (90, 148),
        (0, 152),
        (-90, 148),
    ]
    for step in range(12, -1, -1):
        y = top + 160 + step * 30
        half = 156 * (1 - (step / 15) ** 2.1)
        for side in (-1, 1):
            spine = [(20, 0), (half * 0.6, -4), (half, 22), (half * 0.96, 36), (half * 0.55, 22), (20, 28)]
            brush.solid([(x + side * px, y + py) for px, py in spine], vary(rust, chance, 0.03), 0.5, 6)
        brush.solid(ellipse((x, y + 14), half * 0.3 + 6, 19), vary(shade(rust, 1.05), chance, 0.03), 0.6, 7)
    brush.solid(smooth([(x + px, top + py) for px, py in head]), rust, 0.55, 12)
    brush.solid(
        smooth([(x + px, top + py) for px, py in ((-52, 140), (-46, 40), (0, 6), (46, 40), (52, 140))]),
        shade(rust, 1.02),
    )
    for side in (-1, 1):
        brush.solid(ellipse((x + side * 92, top + 66), 30, 13, side * 1.25), shade(rust, 0.9))
    _cracks(brush, chance)


FOSSILS: Mapping[str, tuple[Callable[[Brush, Random], None], float, int]] = MappingProxyType(
    {"ammonite": (ammonite, 9.5, 7), "trilobite": (trilobite, 22.0, 3)}
)
"""How each is drawn, its pixels to the millimetre, and the centimetres of ruler that lie beside it."""


def _slab(brush: Brush, radius: float, colour: Colour, chance: Random) -> None:
    """Draw a broken piece of rock: a bevelled rim around a split face that is scratched and pitted."""
    corners = [
        ahead(CENTRE, math.tau * index / 13, radius * chance.uniform(0.93, 1.07)) for index in range(13)
    ]
    brush.shape([(px + 7, py + 9) for px, py in corners], shade(colour, 0.5))
    brush.shape(corners, shade(colour, 0.78))
    face = [
        (CENTRE[0] + (px - CENTRE[0]) * 0.965, CENTRE[1] + (py - CENTRE[1]) * 0.965) for px, py in corners
    ]
    brush.shape(face, colour, 1.15, 3)
    for _ in range(900):
        spot = ahead(CENTRE, chance.uniform(0, math.tau), radius * 0.88 * math.sqrt(chance.random()))
        tint = shade(vary(colour, chance, 0.05), chance.uniform(0.86, 1.1))
        brush.shape(
            ellipse(spot, chance.uniform(2, 16), chance.uniform(1, 5), chance.gauss(0.3, 0.3), 9), tint, None
        )


def _cracks(brush: Brush, chance: Random) -> None:
    for _ in range(3):
        at = ahead(CENTRE, chance.uniform(0, math.tau), 390)
        heading = math.atan2(CENTRE[1] - at[1], CENTRE[0] - at[0]) + chance.gauss(0, 0.3)
        path = [at]
        for _ in range(5):
            heading += chance.gauss(0, 0.35)
            path.append(ahead(path[-1], heading, 34))
        brush.line(path, (104, 88, 64), 2)
