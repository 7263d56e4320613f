"""Twigs of trees and shrubs."""

from __future__ import annotations

import math
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, vary
from node.museum.sheets.geometry import UP, Point, ahead, along, curve
from node.museum.sheets.plants.flowers import acorn, berry, catkin, rose_flower
from node.museum.sheets.plants.leaves import (
    BIRCH,
    BROWN,
    GREEN,
    OAK,
    OLIVE,
    OVATE,
    ROSE,
    STEM,
    WOOD,
    leaf,
    pinnate,
)

Twig = tuple[Point, ...]


def _branching(
    brush: Brush, base: Point, heading: float, length: float, chance: Random, sides: int, wood: Colour = WOOD
) -> list[Twig]:
    """Draw a branch with side twigs; the twigs come back, the leader first."""
    leader = curve(base, heading, length, chance.gauss(0, 0.15), 0.7, chance=chance)
    brush.stroke(leader, wood, length / 50, 4)
    twigs = [leader]
    for index in range(sides):
        at, way = along(leader, 0.28 + 0.62 * index / sides)
        side = 1 if index % 2 else -1
        reach = length * chance.uniform(0.3, 0.45) * (1.15 - 0.6 * index / sides)
        twig = curve(at, way + side * chance.uniform(0.6, 0.85), reach, -side * 0.3, 0.7, chance=chance)
        brush.stroke(twig, vary(wood, chance), 6, 2.6)
        twigs.append(twig)
    return twigs


def oak(brush: Brush, chance: Random) -> None:
    """Quercus robur: lobed leaves crowded at the tips, acorns on long stalks."""
    for twig in _branching(brush, (500, 1310), UP + 0.08, 880, chance, 5):
        stalk = curve(twig[-1], along(twig, 1)[1] + 1.2, 90, 0.4, 0.2, chance=chance)
        for index in range(6):
            at, way = along(twig, 0.72 + 0.056 * index)
            turn = (index - 2.5) * 0.52 + chance.gauss(0, 0.12)
            length = chance.uniform(150, 205)
            leaf(brush, at, way + turn, length, length * 0.58, OAK, chance, OLIVE if index % 3 else BROWN)
        if len(twig) > 20:
            brush.stroke(stalk, STEM, 3.4, 2.6)
            acorn(brush, stalk[-1], along(stalk, 1)[1], 50, chance)
            acorn(brush, along(stalk, 0.6)[0], along(stalk, 1)[1] - 1.0, 44, chance)


def birch(brush: Brush, chance: Random) -> None:
    """Betula pendula: thin dark twigs, toothed leaves, hanging catkins."""
    for twig in _branching(brush, (640, 1300), UP - 0.12, 950, chance, 8, (84, 62, 56)):
        for index in range(7):
            at, way = along(twig, 0.3 + 0.1 * index)
            side = 1 if index % 2 else -1
            stalk = curve(at, way + side * 0.9, 26, 0, 0.2, chance=chance)
            brush.stroke(stalk, STEM, 1.8, 1.6)
            size = chance.uniform(78, 104)
            leaf(brush, stalk[-1], way + side * 1.0, size, size * 0.74, BIRCH, chance)
        if chance.random() < 0.8:
            for _ in range(2):
                catkin(brush, along(twig, chance.uniform(0.9, 1))[0], chance.uniform(90, 140), chance)


def rose(brush: Brush, chance: Random) -> None:
    """Rosa canina: hooked prickles, pinnate leaves, pink flowers and a few hips."""
    twigs = _branching(brush, (560, 1310), UP, 900, chance, 6, (116, 104, 66))
    for twig in twigs:
        for _ in range(len(twig) // 6):
            at, way = along(twig, chance.uniform(0.05, 0.9))
            thorn = ahead(at, way + 2.2 * chance.choice((-1, 1)), 17)
            near = ahead(at, way, 9)
            brush.shape((ahead(at, way, -5), near, thorn), (132, 92, 66))
        for index in range(3):
            at, way = along(twig, 0.3 + 0.26 * index)
            side = 1 if index % 2 else -1
            pinnate(brush, at, way + side * 0.9, chance.uniform(120, 150), 2, ROSE, (66, 40), chance)
    for number, twig in enumerate(twigs):
        if number % 3 == 2:
            spot = ahead(twig[-1], along(twig, 1)[1], 16)
            berry(brush, spot, 20, (150, 58, 40), chance)
        else:
            rose_flower(brush, twig[-1], chance.uniform(58, 70), chance)


def bilberry(brush: Brush, chance: Random) -> None:
    """Vaccinium myrtillus: angled green twigs, small leaves, dark berries."""
    for base, heading, length in (((460.0, 1290.0), UP - 0.1, 760), ((720.0, 1270.0), UP + 0.12, 640)):
        twigs = _branching(brush, base, heading, length, chance, 8, (104, 100, 66))
        for twig in tuple(twigs[1:]):
            at, way = along(twig, 0.5)
            extra = curve(at, way + chance.choice((-0.7, 0.7)), 110, 0.2, 0.6, chance=chance)
            brush.stroke(extra, STEM, 3, 2)
            twigs.append(extra)
        for twig in twigs[1:]:
            for index in range(9):
                at, way = along(twig, 0.15 + 0.1 * index)
                side = 1 if index % 2 else -1
                size = chance.uniform(36, 52)
                leaf(brush, at, way + side * 0.9, size, size * 0.56, OVATE, chance)
            if chance.random() < 0.6:
                at, way = along(twig, chance.uniform(0.3, 0.8))
                berry(brush, ahead(at, way + chance.choice((-1.4, 1.4)), 20), 14, (64, 58, 86), chance)


def ginkgo(brush: Brush, chance: Random) -> None:
    """Ginkgo biloba: fan leaves on long stalks, in tufts on short shoots."""
    autumn = ((172, 146, 66), (160, 140, 72), GREEN)
    branch = curve((520, 1310), UP + 0.1, 960, -0.2, 0.6, chance=chance)
    for step in range(9):
        at, way = along(branch, 0.12 + step * 0.1)
        side = 1 if step % 2 else -1
        spur = curve(at, way + side * 1.2, 46, 0, 0.2, chance=chance)
        for index in range(4):
            heading = along(spur, 1)[1] + (index - 1.5) * 0.6
            stalk = curve(
                spur[-1], heading, chance.uniform(70, 110), chance.gauss(0, 0.3), 0.2, chance=chance
            )
            brush.stroke(stalk, STEM, 2.6, 2.2)
            _fan(
                brush,
                stalk[-1],
                along(stalk, 1)[1],
                chance.uniform(78, 104),
                vary(chance.choice(autumn), chance),
            )
        brush.stroke(spur, WOOD, 15, 13)
    brush.stroke(branch, WOOD, 19, 9)


def _fan(brush: Brush, base: Point, heading: float, size: float, colour: Colour) -> None:
    """Draw a fan with a cleft; its veins fork and all run to the rim."""
    rim = []
    for step in range(25):
        turn = (step / 24 - 0.5) * 2.0
        cleft = 0.45 * max(0.0, 1 - abs(turn) * 9)
        wave = 0.03 * math.sin(step * 2.1)
        rim.append(ahead(base, heading + turn, size * (1 - cleft + wave - 0.1 * abs(turn) ** 3)))
    brush.shape((base, *rim), colour, 0.66)
    darker: Colour = (round(colour[0] * 0.86), round(colour[1] * 0.86), round(colour[2] * 0.82))
    for point in rim[1:-1]:
        middle = (0.06 * base[0] + 0.94 * point[0], 0.06 * base[1] + 0.94 * point[1])
        brush.line((base, middle), darker, 0.6)
