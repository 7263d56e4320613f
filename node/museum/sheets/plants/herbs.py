"""Herbs with a spike, a raceme or a single great flower."""

from __future__ import annotations

import math
from random import Random

from node.museum.sheets.brush import Brush
from node.museum.sheets.geometry import UP, ahead, along, curve, ellipse
from node.museum.sheets.plants.flowers import bell, orchid_flower, petals
from node.museum.sheets.plants.leaves import GREEN, LANCE, OLIVE, STEM, Blade, leaf, roots, tuber


def foxglove(brush: Brush, chance: Random) -> None:
    """Digitalis purpurea: one tall stem, its flowers all to one side."""
    blade = Blade(0.45, 0.9, 22, 0.07, veins=9)
    stem = curve((520, 1300), UP, 1010, 0.08, 0.25, chance=chance)
    roots(brush, (520, 1300), 12, 70, chance)
    brush.stroke(stem, STEM, 10, 4)
    for index in range(6):
        leaf(
            brush, (520, 1295), UP + (index - 2.5) * 0.55, chance.uniform(230, 320), 104, blade, chance, OLIVE
        )
    for step in range(7):
        at, way = along(stem, 0.14 + step * 0.055)
        side = 1 if step % 2 else -1
        leaf(brush, at, way + side * 0.85, 230 - step * 22, 84 - step * 8, blade, chance)
    for step in range(24):
        share = 0.52 + step * 0.02
        at, way = along(stem, share)
        size = 100 * (1 - (share - 0.52) * 1.5)
        side = 1 if step % 3 else -1
        leaf(brush, at, way - side * 0.9, size * 0.4, size * 0.1, LANCE, chance)
        bell(brush, at, way + side * (1.3 + size / 110), size, (150, 86, 110), chance, 0.27)


def lily(brush: Brush, chance: Random) -> None:
    """Convallaria majalis: two broad leaves and a bent raceme of small white bells, three times."""
    blade = Blade(0.45, 0.95, veins=0)
    for x, y, lean in ((370, 1010, -0.12), (740, 800, 0.1), (700, 1290, 0.16)):
        crown = (float(x), float(y))
        rhizome = curve((x - 110, y + 22), 0.1, 220, -0.2, 0.4, chance=chance)
        brush.stroke(rhizome, (150, 128, 92), 9, 7)
        roots(brush, crown, 14, 90, chance)
        raceme = curve(crown, UP + lean * 2.4, 400, lean * 2, 0.2, chance=chance)
        for turn, length in ((-0.2, 470), (0.24, 430)):
            leaf(brush, crown, UP + lean + turn, length, 132, blade, chance)
            _parallel_veins(brush, crown, UP + lean + turn, length)
        brush.stroke(raceme, STEM, 4.4, 2.2)
        for step in range(9):
            at, way = along(raceme, 0.5 + step * 0.055)
            side = 1.0 if lean > 0 else -1.0
            stalk = curve(at, way + side * 0.7, 30, side * 1.7, 0, chance=chance)
            brush.stroke(stalk, STEM, 1.4, 1.2)
            bell(brush, stalk[-1], math.pi / 2, 28, (220, 208, 176), chance, 0.5)


def _parallel_veins(brush: Brush, base: tuple[float, float], heading: float, length: float) -> None:
    for aside in (-0.11, -0.07, -0.035, 0.035, 0.07, 0.11):
        middle = ahead(base, heading + aside, length * 0.5)
        brush.line(
            (ahead(base, heading, length * 0.1), middle, ahead(base, heading, length * 0.88)),
            (92, 98, 58),
            0.7,
        )


def orchid(brush: Brush, chance: Random) -> None:
    """Orchis mascula: two plants with tubers, spotted leaves and a purple spike."""
    for x, y, tall in ((400, 1190, 800), (780, 1130, 640)):
        crown = (float(x), float(y))
        tuber(brush, crown, chance)
        stem = curve(crown, UP + chance.gauss(0, 0.04), tall, chance.gauss(0, 0.12), 0.2, chance=chance)
        for index, turn in enumerate((-0.7, 0.62, -0.36, 0.3)):
            heading, length = UP + turn, 330 - index * 28
            leaf(brush, crown, heading, length, 70, LANCE, chance)
            for _ in range(9):
                spot = ahead(crown, heading + chance.gauss(0, 0.03), length * chance.uniform(0.18, 0.56))
                brush.shape(ellipse(spot, 6, 2.6, heading), (80, 60, 54), None)
        brush.stroke(stem, (126, 98, 84), 7, 4)
        for step in range(34):
            at, way = along(stem, 0.58 + step * 0.0125)
            side = 1.0 if step % 2 else -1.0
            size = 46 - step * 0.75
            leaf(brush, at, way + side * 0.5, size * 0.7, size * 0.14, LANCE, chance, (120, 84, 88))
            orchid_flower(brush, ahead(at, way + side * 1.2, size * 0.5), side, size, chance)


def gentian(brush: Brush, chance: Random) -> None:
    """Gentiana verna: many small cushions, each with one deep blue flower."""
    for row, y in enumerate((460, 830, 1200)):
        for column in range(3):
            x = 330 + column * 250 + (60 if row % 2 else 0) + chance.uniform(-25, 25)
            _gentian_plant(brush, (x, y + chance.uniform(-20, 20)), chance)


def _gentian_plant(brush: Brush, crown: tuple[float, float], chance: Random) -> None:
    roots(brush, crown, 9, 80, chance)
    for _ in range(3):
        stem = curve(
            crown,
            UP + chance.gauss(0, 0.45),
            chance.uniform(110, 190),
            chance.gauss(0, 0.3),
            0.3,
            chance=chance,
        )
        brush.stroke(stem, STEM, 3, 2.4)
        at, way = along(stem, 0.5)
        for side in (-1, 1):
            leaf(brush, at, way + side * 0.7, 34, 15, LANCE, chance)
        tip, way = along(stem, 1)
        leaf(brush, ahead(tip, way, -10), way, 62, 17, Blade(0.55, 0.6, veins=0), chance, (116, 110, 92))
        petals(brush, ahead(tip, way, 52), 5, 34, 26, (58, 66, 128), chance)
        brush.dot(ahead(tip, way, 52), 4.5, (222, 214, 200))
    for index in range(11):
        heading = UP + (index - 5) * 0.36 + chance.gauss(0, 0.1)
        leaf(brush, crown, heading, chance.uniform(44, 66), 21, LANCE, chance, GREEN)
