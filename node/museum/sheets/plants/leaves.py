"""Leaves: blades of many outlines on a bent midrib, with veins, and leaves put together from leaflets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, mix, shade, vary
from node.museum.sheets.geometry import Point, Profile, ahead, along, curve, ellipse, ribbon

GREEN: Colour = (104, 112, 66)
OLIVE: Colour = (120, 112, 68)
BROWN: Colour = (122, 92, 58)
STEM: Colour = (122, 116, 74)
WOOD: Colour = (104, 82, 62)
ROOT: Colour = (128, 104, 76)


@dataclass(frozen=True, slots=True)
class Blade:
    """The outline of a leaf: where it is widest, how it is toothed or lobed, how many veins it has."""

    widest: float = 0.42
    sharp: float = 1.0
    teeth: int = 0
    bite: float = 0.08
    lobes: int = 0
    depth: float = 0.0
    veins: int = 6

    def profile(self, half: float) -> Profile:
        """Give the half width, in pixels, along the midrib from base (0) to tip (1)."""
        power = math.log(0.5) / math.log(self.widest)

        def at(t: float) -> float:
            wide: float = half * max(0.0, math.sin(math.pi * min(1.0, t) ** power)) ** self.sharp
            if self.lobes:
                wide *= 1 - self.depth * (0.5 + 0.5 * math.cos(2 * math.pi * self.lobes * t + 0.4))
            if self.teeth:
                wide *= 1 - self.bite * (1 - (self.teeth * t) % 1)
            return wide

        return at


OVATE = Blade(0.38)
LANCE = Blade(0.32, 1.15, veins=7)
LINEAR = Blade(0.45, 0.55, veins=0)
SPOON = Blade(0.72, 1.5, teeth=7, bite=0.12, veins=4)
ELLIPTIC = Blade(0.5, 0.9, veins=0)
BIRCH = Blade(0.3, 1.05, teeth=17, bite=0.2, veins=7)
OAK = Blade(0.6, 0.75, lobes=5, depth=0.42, veins=5)
ROSE = Blade(0.45, 0.8, teeth=15, bite=0.16, veins=6)


def leaf(
    brush: Brush,
    base: Point,
    heading: float,
    length: float,
    width: float,
    blade: Blade,
    chance: Random,
    colour: Colour = GREEN,
) -> None:
    """Draw one leaf: blade, midrib, side veins, here and there a spot where an insect was."""
    tint = vary(colour, chance)
    path = curve(base, heading, length, chance.gauss(0, 0.28), 0.25, chance=chance)
    steps = 60 if blade.teeth or blade.lobes else min(40, max(8, int(length / 4)))
    fine = [along(path, index / steps)[0] for index in range(steps + 1)]
    profile = blade.profile(width / 2)
    brush.shape(ribbon(fine, profile), tint, 0.66)
    pale = mix(shade(tint, 1.25), (200, 190, 140), 0.2)
    if blade.veins:
        for index in range(1, blade.veins + 1):
            _side_veins(brush, path, (index - 0.3) / (blade.veins + 0.6), profile, shade(tint, 0.82))
    if width > 9:
        brush.stroke(path, pale, max(1.0, width / 26), 0.6)
    if width > 40 and chance.random() < 0.3:
        _bite(brush, path, profile, chance, tint)


def _side_veins(
    brush: Brush, path: tuple[Point, ...], share: float, profile: Profile, colour: Colour
) -> None:
    at, heading = along(path, share)
    reach = profile(min(1.0, share + 0.12)) * 0.92
    for side in (-1, 1):
        brush.line((at, ahead(at, heading + side * 0.85, reach * 1.22)), colour, 0.7)


def _bite(brush: Brush, path: tuple[Point, ...], profile: Profile, chance: Random, tint: Colour) -> None:
    share = chance.uniform(0.3, 0.75)
    at, heading = along(path, share)
    spot = ahead(
        at, heading + math.pi / 2 * chance.choice((-1, 1)), profile(share) * chance.uniform(0.3, 0.7)
    )
    brush.dot(spot, chance.uniform(2.5, 5), mix(tint, (92, 64, 40), 0.7), 0.7)


def palmate(
    brush: Brush, base: Point, heading: float, size: float, parts: int, chance: Random, colour: Colour = GREEN
) -> None:
    """Draw a leaf cut like a hand into lobed parts."""
    for index in sorted(range(parts), key=lambda i: -abs(i - (parts - 1) / 2)):
        turn = (index - (parts - 1) / 2) * 2.1 / parts
        reach = size * (1 - 0.28 * abs(turn))
        leaf(
            brush, base, heading + turn, reach, size * 0.4, Blade(0.62, 1.3, 0, 0, 3, 0.4, 2), chance, colour
        )


def pinnate(
    brush: Brush,
    base: Point,
    heading: float,
    length: float,
    pairs: int,
    blade: Blade,
    leaflet: tuple[float, float],
    chance: Random,
    colour: Colour = GREEN,
) -> None:
    """Draw a leaf of paired leaflets, each `leaflet` long and wide, with one at the tip."""
    axis = curve(base, heading, length, chance.gauss(0, 0.3), 0.2, chance=chance)
    brush.stroke(axis, STEM, 3.2, 1.6)
    for pair in range(pairs):
        at, along_axis = along(axis, 0.35 + 0.5 * pair / max(1, pairs - 1))
        for side in (-1, 1):
            leaf(brush, at, along_axis + side * chance.gauss(1.1, 0.08), *leaflet, blade, chance, colour)
    leaf(brush, axis[-1], along(axis, 1)[1], leaflet[0] * 1.1, leaflet[1] * 1.1, blade, chance, colour)


def trefoil(
    brush: Brush, base: Point, heading: float, size: float, chance: Random, colour: Colour = GREEN
) -> None:
    """Draw three leaflets, each with a pale chevron."""
    for turn in (-1.15, 1.15, 0.0):
        leaf(brush, base, heading + turn, size, size * 0.62, Blade(0.55, 0.85, veins=5), chance, colour)
        middle = ahead(base, heading + turn, size * 0.5)
        for side in (-1, 1):
            tip = ahead(middle, heading + turn + side * 2.2, size * 0.2)
            brush.line((middle, tip), mix(colour, (208, 204, 160), 0.55), 2.0)


def roots(
    brush: Brush, crown: Point, count: int, length: float, chance: Random, colour: Colour = ROOT
) -> None:
    """Draw a tuft of thin roots below a crown."""
    for _ in range(count):
        heading = math.pi / 2 + chance.gauss(0, 0.6)
        path = curve(
            crown, heading, length * chance.uniform(0.5, 1.1), chance.gauss(0, 0.7), 1.6, chance=chance
        )
        brush.stroke(path, vary(colour, chance), chance.uniform(1.2, 2.6), 0.5)
        for _ in range(2):
            at, way = along(path, chance.uniform(0.3, 0.9))
            branch = curve(at, way + chance.choice((-0.8, 0.8)), length * 0.25, 0.2, 1.6, chance=chance)
            brush.stroke(branch, vary(colour, chance), 1.0, 0.5)


def tuber(brush: Brush, crown: Point, chance: Random) -> None:
    """Draw the two egg-shaped tubers of an orchid, one fresh and one shrunken."""
    for side, colour in ((-1, (150, 124, 88)), (1, (112, 86, 60))):
        spot = (crown[0] + side * 22, crown[1] + 26)
        outline = ellipse(spot, 30, 19 if side < 0 else 13, math.pi / 2 - side * 0.35)
        brush.solid(outline, vary(colour, chance, 0.04), 0.4)
