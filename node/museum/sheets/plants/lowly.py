"""A fern, a grass and a seaweed."""

from __future__ import annotations

import math
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, vary
from node.museum.sheets.geometry import UP, Point, ahead, along, curve, ellipse
from node.museum.sheets.plants.leaves import GREEN, LINEAR, OLIVE, STEM, Blade, leaf, roots


def fern(brush: Brush, chance: Random) -> None:
    """Dryopteris filix-mas: one great frond, twice cut, and a young one."""
    _frond(brush, (470, 1310), UP + 0.1, 1060, 300, chance)
    _frond(brush, (860, 1300), UP - 0.02, 520, 150, chance)


def _frond(brush: Brush, base: Point, heading: float, length: float, reach: float, chance: Random) -> None:
    rachis = curve(base, heading, length, -0.16, 0.2, chance=chance)
    pairs = round(length / 40)
    for pair in range(pairs):
        share = 0.2 + 0.78 * pair / pairs
        at, way = along(rachis, share)
        spread = reach * math.sin(math.pi * 0.86 * (1 - share) ** 0.85) * chance.gauss(0.98, 0.03)
        for side in (-1, 1):
            _pinna(brush, at, way + side * (1.32 - 0.35 * share), max(14.0, spread * 0.9), side, chance)
    leaf(brush, ahead(rachis[-1], along(rachis, 1)[1], -12), along(rachis, 1)[1], 40, 12, LINEAR, chance)
    brush.stroke(rachis, (118, 92, 58), length / 110, 2)
    for _ in range(round(length / 14)):
        at, way = along(rachis, chance.uniform(0, 0.22))
        leaf(brush, at, way + chance.choice((-0.7, 0.7)), 17, 4, LINEAR, chance, (150, 112, 68))


def _pinna(brush: Brush, base: Point, heading: float, length: float, side: int, chance: Random) -> None:
    axis = curve(base, heading, length, -side * 0.22, 0.15, chance=chance)
    tint: Colour = vary(GREEN, chance, 0.05)
    count = max(4, round(length / 10))
    for index in range(count):
        share = 0.04 + 0.94 * index / count
        at, way = along(axis, share)
        size = 3 + min(15.0, length * 0.13) * (1 - share) ** 0.7
        for turn in (-1.15, 1.15):
            tip = ahead(at, way + turn, size)
            middle = ((at[0] + tip[0]) / 2, (at[1] + tip[1]) / 2)
            brush.shape(ellipse(middle, size * 0.6, 4.4, way + turn, 12), vary(tint, chance, 0.04), 0.68)
    brush.stroke(axis, (128, 116, 68), 2.0, 0.8)


def grass(brush: Brush, chance: Random) -> None:
    """Poa alpina: tufts of narrow leaves, culms with spreading panicles."""
    for x, y, tall in ((380, 1210, 800), (640, 1270, 900), (870, 1200, 720)):
        crown = (float(x), float(y))
        roots(brush, crown, 24, 100, chance)
        for _ in range(26):
            spot = (x + chance.gauss(0, 16), y + chance.gauss(0, 5))
            blade = Blade(0.25, 0.5, veins=0)
            tint = chance.choice((OLIVE, GREEN, (150, 132, 84)))
            leaf(brush, spot, UP + chance.gauss(0, 0.4), chance.uniform(120, 290), 9, blade, chance, tint)
        for _ in range(3):
            _culm(brush, (x + chance.gauss(0, 10), y), tall * chance.uniform(0.7, 1), chance)


def _culm(brush: Brush, base: Point, length: float, chance: Random) -> None:
    culm = curve(base, UP + chance.gauss(0, 0.1), length, chance.gauss(0, 0.12), 0.2, chance=chance)
    brush.stroke(culm, STEM, 3.4, 1.6)
    at, way = along(culm, 0.4)
    leaf(brush, at, way + chance.choice((-0.35, 0.35)), 140, 8, LINEAR, chance)
    for step in range(16):
        at, way = along(culm, 0.76 + 0.015 * step)
        side = 1 if step % 2 else -1
        ray = curve(at, way + side * (1.1 - step * 0.03), 86 - step * 4.2, -side * 0.4, 0.3, chance=chance)
        brush.line(ray, STEM, 1.0)
        for share in (0.55, 0.75, 0.9, 1.0):
            _spikelet(brush, *along(ray, share), chance)


def _spikelet(brush: Brush, at: Point, heading: float, chance: Random) -> None:
    for turn in (-0.45, 0.45, 0.0):
        purple = vary((132, 100, 88), chance)
        leaf(brush, at, heading + turn, 16, 6, Blade(0.4, veins=0), chance, purple)


def wrack(brush: Brush, chance: Random) -> None:
    """Fucus vesiculosus: a forked thallus with a midrib, paired bladders and swollen tips."""
    for x, y, heading in ((480, 1280, UP - 0.12), (740, 1260, UP + 0.2)):
        base = (float(x), float(y))
        brush.solid(ellipse(base, 34, 13), (74, 58, 42))
        _thallus(brush, base, heading, 270, 34, 4, chance)


def _thallus(
    brush: Brush, base: Point, heading: float, length: float, width: float, forks: int, chance: Random
) -> None:
    path = curve(base, heading, length, chance.gauss(0, 0.22), 0.5, chance=chance)
    tint = vary((92, 76, 48), chance, 0.06)
    if forks:
        for side in (-1, 1):
            turn = along(path, 1)[1] + side * chance.uniform(0.3, 0.48)
            _thallus(
                brush, path[-1], turn, length * chance.uniform(0.66, 0.84), width * 0.86, forks - 1, chance
            )
    else:
        tip = ahead(path[-1], along(path, 1)[1], 14)
        brush.solid(ellipse(tip, 30, 16, along(path, 1)[1]), (128, 106, 62), 0.4)
    fine = [along(path, index / 40)[0] for index in range(41)]
    brush.stroke(fine, tint, width, width * 0.86)
    brush.stroke(path, vary((66, 50, 34), chance, 0.04), width / 6, width / 8)
    if 0 < forks < 4:
        at, way = along(path, 0.55)
        for side in (-1, 1):
            spot = ahead(at, way + side * math.pi / 2, width * 0.36)
            brush.solid(ellipse(spot, 17, 11, way), (118, 98, 58), 0.5)
