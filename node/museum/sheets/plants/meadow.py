"""Herbs of meadow and field."""

from __future__ import annotations

import math
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.geometry import UP, along, curve
from node.museum.sheets.plants.flowers import (
    bell,
    clover_head,
    daisy_head,
    petals,
    poppy_flower,
)
from node.museum.sheets.plants.leaves import (
    GREEN,
    LINEAR,
    OLIVE,
    SPOON,
    STEM,
    Blade,
    leaf,
    palmate,
    roots,
    trefoil,
)


def daisy(brush: Brush, chance: Random) -> None:
    """Bellis perennis: four rosettes with leafless stalks."""
    for x, y in ((360, 700), (790, 640), (480, 1220), (860, 1180)):
        roots(brush, (x, y), 13, 110, chance)
        for index in range(13):
            heading = UP + (index - 6) * 0.4 + chance.gauss(0, 0.1)
            leaf(brush, (x, y), heading, chance.uniform(80, 125), chance.uniform(32, 42), SPOON, chance)
        for _ in range(chance.randint(2, 3)):
            heading = UP + chance.gauss(0, 0.3)
            stalk = curve((x, y), heading, chance.uniform(230, 330), chance.gauss(0, 0.3), 0.3, chance=chance)
            brush.stroke(stalk, STEM, 4.2, 3.2)
            daisy_head(brush, stalk[-1], chance.uniform(40, 50), chance)


def poppy(brush: Brush, chance: Random) -> None:
    """Papaver rhoeas: a branched annual with cut leaves, flowers, a nodding bud and a capsule."""
    cut = Blade(0.4, 0.7, lobes=6, depth=0.72, veins=6)
    stem = curve((560, 1290), UP - 0.05, 640, 0.15, 0.4, chance=chance)
    roots(brush, (560, 1285), 5, 90, chance)
    for index in range(7):
        leaf(brush, (560, 1280), UP + (index - 3) * 0.42, chance.uniform(190, 250), 92, cut, chance, OLIVE)
    for share, turn, length in ((0.35, -0.75, 520), (0.45, 0.7, 470), (0.62, -0.5, 330), (0.75, 0.45, 250)):
        at, heading = along(stem, share)
        leaf(brush, at, heading + turn * 1.5, chance.uniform(150, 210), 84, cut, chance)
        branch = curve(at, heading + turn, length, -turn * 0.8, 0.4, chance=chance)
        brush.stroke(branch, STEM, 4.4, 2.8)
        _bristles(brush, branch, chance)
        _poppy_end(brush, branch[-1], share, chance)
    brush.stroke(stem, STEM, 7, 4)
    _bristles(brush, stem, chance)
    tip = curve(stem[-1], UP, 150, 0.3, 0.3, chance=chance)
    brush.stroke(tip, STEM, 4, 3)
    poppy_flower(brush, tip[-1], 92, chance)


def _poppy_end(brush: Brush, tip: tuple[float, float], share: float, chance: Random) -> None:
    if share == 0.62:
        neck = curve(tip, UP + 0.5, 60, 2.6, 0, chance=chance)
        brush.stroke(neck, STEM, 3, 3)
        leaf(brush, neck[-1], math.pi / 2, 56, 30, Blade(0.45, 0.7, veins=0), chance, GREEN)
    elif share == 0.75:
        leaf(brush, tip, UP, 52, 38, Blade(0.7, 0.6, veins=0), chance, (134, 124, 84))
        leaf(brush, (tip[0] - 20, tip[1] - 50), 0, 40, 12, Blade(0.5, 0.6, veins=0), chance, (112, 96, 66))
    else:
        poppy_flower(brush, tip, chance.uniform(78, 96), chance)


def _bristles(brush: Brush, stem: tuple[tuple[float, float], ...], chance: Random) -> None:
    for _ in range(len(stem) * 2):
        at, heading = along(stem, chance.random())
        hair = curve(at, heading + chance.choice((-1.5, 1.5)), chance.uniform(6, 11), 0.2, 0, chance=chance)
        brush.line(hair, (150, 138, 98), 0.6)


def bellflower(brush: Brush, chance: Random) -> None:
    """Campanula rotundifolia: a tuft of thread-thin stems with nodding bells."""
    crown = (600.0, 1230.0)
    roots(brush, crown, 18, 120, chance)
    for index in range(9):
        spot = curve(crown, UP + (index - 4) * 0.33, chance.uniform(40, 80), 0, 0.5, chance=chance)
        brush.stroke(spot, STEM, 1.6, 1.4)
        leaf(brush, spot[-1], UP + (index - 4) * 0.3, 34, 32, Blade(0.4, 0.5, 6, 0.1, veins=3), chance)
    for index in range(7):
        heading = UP + (index - 3) * 0.13 + chance.gauss(0, 0.04)
        stem = curve(crown, heading, chance.uniform(620, 860), (index - 3) * 0.1, 0.4, chance=chance)
        brush.stroke(stem, STEM, 3.2, 1.6)
        for step in range(9):
            at, way = along(stem, 0.12 + step * 0.075)
            side = 1 if step % 2 else -1
            leaf(brush, at, way + side * 0.5, chance.uniform(60, 105), 7, LINEAR, chance)
        for share, side in ((0.82, -1), (0.91, 1), (1.0, -1)):
            at, way = along(stem, share)
            stalk = curve(at, way + side * 0.5, 44, side * 1.6, 0.2, chance=chance)
            brush.stroke(stalk, STEM, 1.5, 1.3)
            bell(brush, stalk[-1], along(stalk, 1)[1], chance.uniform(46, 58), (104, 100, 146), chance)


def buttercup(brush: Brush, chance: Random) -> None:
    """Ranunculus acris: hand-shaped leaves on long stalks, branched stems, yellow flowers."""
    for x, top in ((410, 700), (760, 860)):
        crown = (float(x), 1240.0)
        roots(brush, crown, 16, 110, chance)
        for index in range(6):
            heading = UP + (index - 2.5) * 0.36
            stalk = curve(crown, heading, chance.uniform(150, 260), chance.gauss(0, 0.3), 0.4, chance=chance)
            brush.stroke(stalk, STEM, 3.4, 2.4)
            palmate(brush, stalk[-1], along(stalk, 1)[1], chance.uniform(90, 120), 5, chance)
        stem = curve(crown, UP + chance.gauss(0, 0.05), top, 0.1, 0.4, chance=chance)
        brush.stroke(stem, STEM, 6, 3)
        for step in range(6):
            at, way = along(stem, 0.42 + step * 0.1)
            side = 1 if step % 2 else -1
            palmate(brush, at, way + side * 0.9, 66 - step * 5, 3, chance)
            branch = curve(at, way + side * 0.5, chance.uniform(150, 260), -side * 0.35, 0.4, chance=chance)
            brush.stroke(branch, STEM, 3, 2)
            petals(brush, branch[-1], 5, 34, 33, (204, 164, 52), chance)
            brush.dot(branch[-1], 9, (164, 128, 44))
        petals(brush, stem[-1], 5, 36, 35, (204, 164, 52), chance)
        brush.dot(stem[-1], 9, (164, 128, 44))


def clover(brush: Brush, chance: Random) -> None:
    """Trifolium pratense: ascending stems from a taproot, trefoils, round heads."""
    crown = (580.0, 1210.0)
    brush.stroke(curve(crown, math.pi / 2, 120, 0.3, 0.6, chance=chance), (128, 104, 76), 14, 2)
    roots(brush, (585, 1240), 9, 90, chance)
    for index in range(6):
        heading = UP + (index - 2.5) * 0.3 + chance.gauss(0, 0.05)
        stem = curve(crown, heading, chance.uniform(600, 800), -(index - 2.5) * 0.13, 0.4, chance=chance)
        brush.stroke(stem, STEM, 5, 3)
        for step in range(4):
            at, way = along(stem, 0.2 + step * 0.2)
            side = 1 if (step + index) % 2 else -1
            stalk = curve(at, way + side * 0.8, 110 - step * 22, -side * 0.3, 0.3, chance=chance)
            brush.stroke(stalk, STEM, 2.4, 1.8)
            trefoil(brush, stalk[-1], along(stalk, 1)[1], chance.uniform(58, 78), chance)
        trefoil(brush, along(stem, 0.96)[0], along(stem, 1)[1], 60, chance)
        clover_head(brush, stem[-1], chance.uniform(42, 54), chance)
