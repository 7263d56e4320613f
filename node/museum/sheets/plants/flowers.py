"""Flowers and fruits, pressed flat."""

from __future__ import annotations

import math
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, mix, shade, vary
from node.museum.sheets.geometry import Point, ahead, ellipse, smooth
from node.museum.sheets.plants.leaves import GREEN, LANCE, LINEAR, Blade, leaf

PETAL = Blade(0.66, 0.8, veins=0)


def petals(
    brush: Brush, centre: Point, count: int, length: float, width: float, colour: Colour, chance: Random
) -> None:
    """Draw petals in a ring, as seen from above."""
    turn = chance.uniform(0, math.tau)
    for index in range(count):
        heading = turn + math.tau * index / count + chance.gauss(0, 0.06)
        leaf(brush, centre, heading, length * chance.gauss(1, 0.05), width, PETAL, chance, colour)


def daisy_head(brush: Brush, centre: Point, radius: float, chance: Random) -> None:
    """Draw a head with white rays and a yellow disc."""
    petals(brush, centre, 30, radius, radius * 0.17, (226, 216, 190), chance)
    brush.dot(centre, radius * 0.4, (186, 140, 52))
    for _ in range(46):
        spot = ahead(centre, chance.uniform(0, math.tau), radius * 0.36 * math.sqrt(chance.random()))
        brush.dot(spot, radius * 0.045, vary((206, 158, 58), chance), 0.6)


def poppy_flower(brush: Brush, centre: Point, radius: float, chance: Random) -> None:
    """Draw four broad overlapping petals, blotched at the base, around a ring of stamens."""
    red: Colour = (162, 62, 46)
    for turn in (0.2, 1.8, 3.3, 4.9):
        heading = turn + chance.gauss(0, 0.1)
        leaf(brush, centre, heading, radius, radius * 1.25, Blade(0.7, 0.5, 9, 0.05, veins=0), chance, red)
        for _ in range(9):
            way = heading + chance.gauss(0, 0.3)
            crease = (
                ahead(centre, way, radius * 0.25),
                ahead(centre, way, radius * chance.uniform(0.6, 0.9)),
            )
            brush.line(crease, shade(red, chance.choice((0.8, 1.12))), 0.8)
        leaf(brush, centre, heading, radius * 0.34, radius * 0.3, PETAL, chance, (62, 36, 40))
    for _ in range(40):
        brush.dot(
            ahead(centre, chance.uniform(0, math.tau), radius * chance.uniform(0.1, 0.24)), 1.7, (58, 50, 54)
        )
    brush.dot(centre, radius * 0.12, (130, 130, 84))


def bell(
    brush: Brush,
    base: Point,
    heading: float,
    length: float,
    colour: Colour,
    chance: Random,
    open_: float = 0.42,
) -> None:
    """Draw a bell from the side: a tube that widens to lobes, with a calyx."""

    def put(forward: float, aside: float) -> Point:
        return ahead(ahead(base, heading, forward * length), heading + math.pi / 2, aside * length)

    tint = vary(colour, chance, 0.05)
    rim = [put(1.0 + (0.1 if i % 2 else -0.06), open_ * (1 - i / 4)) for i in range(9)]
    sides = [put(0.75, -open_ * 0.72), put(0.3, -open_ * 0.62), put(0, -0.1)]
    body = [put(0, 0.1), put(0.3, open_ * 0.62), put(0.75, open_ * 0.72), *rim, *sides]
    brush.shape(smooth(body, 5), tint, 0.7)
    for aside in (-0.2, 0.05, 0.25):
        brush.line((put(0.1, aside * 0.5), put(0.9, aside)), shade(tint, 0.84), 0.9)
    for aside in (-0.8, 0.0, 0.8):
        leaf(brush, base, heading + aside, length * 0.34, length * 0.09, LANCE, chance, GREEN)


def clover_head(brush: Brush, centre: Point, radius: float, chance: Random) -> None:
    """Draw a round head of many narrow florets."""
    for ring in (1.0, 0.8, 0.6, 0.4, 0.2):
        for index in range(int(30 * ring) + 4):
            heading = math.tau * index / (int(30 * ring) + 4) + chance.gauss(0, 0.15)
            start = ahead(centre, heading, radius * ring * 0.5)
            pink = mix((158, 92, 106), (176, 138, 116), chance.random())
            leaf(brush, start, heading - 0.3, radius * 0.5, radius * 0.13, LINEAR, chance, pink)


def orchid_flower(brush: Brush, centre: Point, side: float, size: float, chance: Random) -> None:
    """Draw one flower of a spike: spur behind, hood above, spotted lip below."""
    purple: Colour = (134, 66, 104)
    outward = -math.pi / 2 + side * 1.25
    leaf(brush, centre, outward + side * 2.2, size * 0.9, size * 0.22, LINEAR, chance, purple)
    for turn in (-0.9, -0.3, 0.3):
        leaf(brush, centre, outward + turn * side, size * 0.75, size * 0.34, PETAL, chance, purple)
    for turn in (0.8, 1.15, 1.5):
        leaf(brush, centre, outward + turn * side, size, size * 0.44, PETAL, chance, shade(purple, 1.15))
    middle = ahead(centre, outward + 1.15 * side, size * 0.35)
    for _ in range(4):
        brush.dot((middle[0] + chance.gauss(0, 2), middle[1] + chance.gauss(0, 2)), 1.0, (84, 32, 62))


def rose_flower(brush: Brush, centre: Point, radius: float, chance: Random) -> None:
    """Draw five notched petals around many stamens."""
    for index in range(5):
        heading = math.tau * index / 5 + 0.3
        leaf(brush, centre, heading, radius, radius * 1.0, Blade(0.7, 0.55, veins=5), chance, (212, 172, 158))
    for _ in range(44):
        tip = ahead(centre, chance.uniform(0, math.tau), radius * chance.uniform(0.15, 0.38))
        brush.line((centre, tip), (178, 142, 74), 0.8)
        brush.dot(tip, 1.8, (166, 118, 48))
    brush.dot(centre, radius * 0.1, (150, 140, 80))


def berry(brush: Brush, centre: Point, radius: float, colour: Colour, chance: Random) -> None:
    """Draw a shrunken berry or hip."""
    turn = chance.uniform(0, math.tau)
    brush.solid(ellipse(centre, radius, radius * chance.uniform(0.8, 0.95), turn), vary(colour, chance), 0.6)
    brush.dot(ahead(centre, chance.uniform(0, math.tau), radius * 0.6), radius * 0.2, shade(colour, 0.55))


def acorn(brush: Brush, base: Point, heading: float, size: float, chance: Random) -> None:
    """Draw an acorn in its cup."""
    middle = ahead(base, heading, size * 0.75)
    brush.solid(ellipse(middle, size * 0.72, size * 0.4, heading), vary((150, 112, 66), chance, 0.05), 0.6)
    brush.line((ahead(middle, heading, size * 0.68), ahead(middle, heading, size * 0.86)), (92, 66, 40), 2)
    cup = ahead(base, heading, size * 0.3)
    brush.solid(ellipse(cup, size * 0.36, size * 0.47, heading), (118, 98, 70), 0.4)
    for _ in range(40):
        spot = ahead(cup, chance.uniform(0, math.tau), size * 0.36 * math.sqrt(chance.random()))
        brush.dot(spot, 1.7, vary((140, 120, 88), chance), 0.6)


def catkin(brush: Brush, base: Point, length: float, chance: Random) -> None:
    """Draw a hanging catkin of small scales."""
    x, y = base
    for step in range(int(length / 3.4)):
        share = step * 3.4 / length
        wide = 7.5 * math.sin(math.pi * (0.12 + 0.82 * share))
        x += chance.gauss(0.15, 0.4)
        for side in (-1, 1):
            spot = (x + side * wide * 0.55, y + step * 3.4)
            brush.shape(ellipse(spot, 4.6, 2.8, side * 0.5), vary((140, 112, 66), chance), 0.62)
