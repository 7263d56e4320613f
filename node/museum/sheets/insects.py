"""Pinned insects seen from above, at rest on the axis x = 560."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from random import Random
from types import MappingProxyType

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import Colour, mix, shade, vary
from node.museum.sheets.geometry import Point, ahead, along, curve, ellipse, smooth

AXIS = 560.0
SIDES = (1, -1)
DARK: Colour = (46, 38, 34)


def beetle(brush: Brush, chance: Random) -> None:
    """Carabus auratus: golden green, ridged wing cases, red legs."""
    red: Colour = (150, 82, 44)
    for y, turn in ((400, -0.6), (500, 0.15), (600, 0.85)):
        _legs(brush, y, 70, turn, (120, 130, 100), 24, red, chance)
    _feelers(brush, (24, 250), -1.0, 260, 7, red, chance)
    for side in SIDES:
        jaw = curve((AXIS + side * 22, 190), -math.pi / 2 + side * 0.3, 62, -side * 1.1, chance=chance)
        brush.stroke(jaw, (70, 48, 32), 16, 3)
    brush.solid(ellipse((AXIS, 232), 66, 52, -math.pi / 2), (70, 92, 44))
    for side in SIDES:
        brush.solid(ellipse((AXIS + side * 48, 226), 15), DARK)
    neck = [(-62, 288), (62, 288), (94, 340), (76, 408), (-76, 408), (-94, 340)]
    brush.solid(smooth([(AXIS + x, y) for x, y in neck]), (92, 112, 42), 0.7)
    case = ((2, 410), (92, 424), (146, 520), (152, 640), (112, 780), (52, 862), (2, 884))
    for side in SIDES:
        outline = [(AXIS + side * x, y) for x, y in smooth(case, closed=False)]
        brush.solid(outline, (78, 124, 46), 0.75)
        for inset in (0.28, 0.52, 0.76):
            ridge = [
                (AXIS + side * x * inset, 430 + (y - 430) * 0.96) for x, y in smooth(case, closed=False)[4:-6]
            ]
            brush.line(ridge, (132, 170, 72), 5)
            brush.line([(x + 3, y) for x, y in ridge], (46, 82, 34), 2)
    brush.line(((AXIS, 412), (AXIS, 882)), (40, 56, 26), 3)
    _pin(brush, (AXIS + 60, 500))


def shieldbug(brush: Brush, chance: Random) -> None:
    """Graphosoma italicum: black bands on red."""
    red: Colour = (178, 62, 34)
    for y, turn in ((360, -0.55), (480, 0.2), (590, 0.8)):
        _legs(brush, y, 130, turn, (110, 120, 70), 20, DARK, chance)
    _feelers(brush, (24, 176), -1.0, 170, 9, DARK, chance)
    body = [(0, 150), (48, 178), (70, 250), (200, 330), (236, 420), (216, 620), (120, 800), (0, 860)]
    outline = smooth([(AXIS + x, y) for x, y in body] + [(AXIS - x, y) for x, y in reversed(body[1:-1])])
    brush.solid(outline, red, 0.5)
    for offset in (0.0, 0.3, 0.58, 0.84):
        for side in SIDES:
            path = [(AXIS + side * 205 * offset * wide, y) for y, wide in _BAND]
            brush.stroke(path, DARK, 24, 15)
    for side in SIDES:
        for step in range(6):
            spot = (AXIS + side * (222 - abs(step - 2) * 12), 450 + step * 56)
            brush.shape(ellipse(spot, 16, 9, side * 1.1), DARK)
        brush.dot((AXIS + side * 52, 214), 12, (40, 30, 30))
    brush.line(((AXIS - 196, 350), (AXIS, 372), (AXIS + 196, 350)), shade(red, 0.6), 4)
    _pin(brush, (AXIS + 36, 470))


_BAND = tuple((190 + 76 * i, wide) for i, wide in enumerate((0.2, 0.5, 0.94, 1.0, 0.98, 0.9, 0.72, 0.45)))


def bee(brush: Brush, chance: Random) -> None:
    """Bombus lapidarius: black fur, red tail, smoky wings."""
    fore = ((26, 390), (190, 300), (400, 262), (446, 300), (400, 370), (210, 430), (40, 440))
    hind = ((30, 440), (180, 430), (300, 448), (310, 500), (220, 530), (60, 490))
    for side in SIDES:
        for wing in (hind, fore):
            _clear_wing(brush, wing, side, (150, 134, 110), chance)
    for y, turn in ((350, -0.6), (430, 0.2), (500, 0.9)):
        _legs(brush, y, 80, turn, (90, 110, 70), 24, DARK, chance)
    _feelers(brush, (30, 200), -1.0, 150, 10, DARK, chance)
    fur: Colour = (44, 38, 36)
    _furry(brush, (AXIS, 650), 152, 216, lambda y: (164, 74, 36) if y > 742 else fur, chance)
    _furry(brush, (AXIS, 392), 134, 126, lambda _: fur, chance)
    _furry(brush, (AXIS, 232), 84, 66, lambda _: fur, chance)
    for side in SIDES:
        brush.solid(ellipse((AXIS + side * 72, 226), 38, 20, 1.3), (30, 26, 26), 0.9)
    _pin(brush, (AXIS + 24, 390))


def dragonfly(brush: Brush, chance: Random) -> None:
    """Aeshna cyanea: netted wings, a long abdomen marked in green and blue."""
    fore = ((20, 330), (200, 268), (420, 236), (470, 262), (440, 306), (220, 350), (30, 372))
    hind = ((20, 384), (190, 366), (400, 370), (448, 398), (400, 448), (200, 492), (70, 476), (22, 420))
    for side in SIDES:
        for wing in (fore, hind):
            _clear_wing(brush, wing, side, (206, 202, 184), chance, netted=True)
            tip = max(wing, key=lambda point: point[0])
            brush.shape(ellipse((AXIS + side * (tip[0] - 60), tip[1] - 20), 17, 5, side * 0.1), (70, 48, 36))
    for step in range(10):
        y = 452 + step * 52
        wide = 23 - 6 * math.sin(math.pi * min(1, step / 4)) + (4 if step > 6 else 0)
        brush.solid(ellipse((AXIS, y + 26), 30, wide, math.pi / 2), (70, 48, 34))
        mark: Colour = (96, 140, 62) if step < 7 else (72, 116, 160)
        for side in SIDES:
            brush.shape(ellipse((AXIS + side * wide * 0.5, y + 36), 11, 6, side * 0.6), mark)
    for side in SIDES:
        brush.stroke(curve((AXIS + side * 8, 976), math.pi / 2 - side * 0.15, 40, chance=chance), DARK, 8, 4)
    brush.solid(ellipse((AXIS, 388), 92, 62, math.pi / 2), (86, 62, 40))
    for side in SIDES:
        brush.shape(ellipse((AXIS + side * 22, 356), 28, 9, 1.4), (122, 150, 66))
        brush.solid(ellipse((AXIS + side * 36, 268), 46, 36, side * 0.5), (84, 118, 110), 0.8)
    brush.solid(ellipse((AXIS, 246), 34, 22), (146, 160, 74))
    _pin(brush, (AXIS + 8, 392))


def butterfly(brush: Brush, chance: Random) -> None:
    """Vanessa atalanta: black-brown, a red band, white spots at the tips."""
    fore = (
        (30, 380),
        (150, 250),
        (330, 150),
        (440, 128),
        (452, 190),
        (410, 260),
        (404, 350),
        (330, 440),
        (150, 480),
    )
    hind = ((30, 460), (180, 462), (330, 470), (372, 560), (352, 660), (260, 740), (160, 730), (70, 620))
    brown, red = (62, 46, 38), (176, 70, 36)
    for side in SIDES:
        _wing(brush, hind, side, brown)
        _patch(brush, ((362, 570), (350, 660), (262, 736), (200, 738), (250, 690), (310, 620)), side, red)
        for x, y in ((336, 602), (322, 648), (290, 690), (248, 716)):
            brush.dot((AXIS + side * x, y), 8, (40, 30, 28))
        _wing(brush, fore, side, brown)
        _patch(
            brush,
            ((190, 250), (236, 250), (330, 320), (372, 372), (350, 408), (300, 356), (220, 296)),
            side,
            red,
        )
        for x, y, size in ((330, 196, 30), (392, 178, 13), (412, 204, 11), (408, 236, 10), (366, 262, 9)):
            brush.shape(ellipse((AXIS + side * x, y), size, size * 0.5, side * 0.8), (226, 218, 200), 0.85)
        _nerves(brush, (40, 400), fore, side, shade(brown, 0.72))
        _nerves(brush, (40, 480), hind, side, shade(brown, 0.72))
    _feelers(brush, (10, 300), -1.12, 230, 4, DARK, chance, club=9)
    _furry(brush, (AXIS, 560), 30, 150, lambda _: (74, 58, 46), chance)
    _furry(brush, (AXIS, 400), 44, 76, lambda _: (84, 66, 52), chance)
    brush.solid(ellipse((AXIS, 312), 26, 22), DARK)
    _pin(brush, (AXIS, 404))


def moth(brush: Brush, chance: Random) -> None:
    """Deilephila elpenor: olive wings banded with pink."""
    fore = (
        (34, 380),
        (170, 290),
        (340, 220),
        (462, 190),
        (474, 214),
        (400, 330),
        (300, 430),
        (150, 476),
        (40, 450),
    )
    hind = ((36, 460), (150, 470), (286, 452), (300, 520), (220, 590), (120, 600), (50, 540))
    olive, pink = (142, 128, 70), (190, 106, 112)
    for side in SIDES:
        _wing(brush, hind, side, pink)
        _patch(brush, ((40, 466), (140, 472), (180, 500), (120, 560), (56, 540)), side, (62, 46, 44))
        _wing(brush, fore, side, olive)
        for near, far, wide in (
            ((60, 420), (440, 208), 15),
            ((110, 462), (456, 224), 22),
            ((90, 366), (330, 228), 9),
        ):
            ends = [(AXIS + side * x, y) for x, y in (near, far)]
            brush.stroke(smooth(ends, 12, closed=False), pink, wide, wide * 0.4)
        _nerves(brush, (44, 410), fore, side, shade(olive, 0.85))
        brush.dot((AXIS + side * 232, 318), 5, (236, 226, 206))
    _feelers(brush, (12, 312), -1.0, 170, 8, (196, 170, 150), chance)
    _furry(brush, (AXIS, 600), 60, 180, lambda y: mix(olive, pink, 0.5 + 0.5 * math.sin(y / 9)), chance)
    for aside in (-0.5, 0, 0.5):
        brush.stroke(((AXIS + 50 * aside, 450), (AXIS + 30 * aside, 600), (AXIS, 756)), pink, 9, 2)
    _furry(brush, (AXIS, 400), 70, 92, lambda _: olive, chance)
    for side in SIDES:
        brush.stroke(((AXIS + side * 34, 330), (AXIS + side * 54, 400), (AXIS + side * 44, 460)), pink, 12, 5)
        brush.dot((AXIS + side * 30, 318), 14, DARK)
    _pin(brush, (AXIS, 404))


INSECTS: Mapping[str, tuple[Callable[[Brush, Random], None], float, int]] = MappingProxyType(
    {
        "beetle": (beetle, 28.0, 2),
        "butterfly": (butterfly, 15.0, 4),
        "bee": (bee, 32.0, 2),
        "dragonfly": (dragonfly, 10.0, 7),
        "moth": (moth, 15.5, 4),
        "shieldbug": (shieldbug, 64.0, 1),
    }
)
"""How each is drawn, its pixels to the millimetre, and the centimetres of ruler that lie beside it."""


def _legs(
    brush: Brush,
    y: float,
    out: float,
    turn: float,
    lengths: Sequence[float],
    thick: float,
    colour: Colour,
    chance: Random,
) -> None:
    """Draw a pair of legs: thigh, shin and foot."""
    for side in SIDES:
        at: Point = (AXIS + side * out * 0.6, y)
        heading = turn + chance.gauss(0, 0.06)
        for part, length in enumerate(lengths):
            heading += (0.0, 0.5, -0.35)[part] * (1 if turn > 0 else -1)
            tip = (at[0] + side * length * math.cos(heading), at[1] + length * math.sin(heading))
            width = thick * (1, 0.62, 0.4)[part]
            brush.stroke(
                (at, ((at[0] + tip[0]) / 2, (at[1] + tip[1]) / 2), tip),
                vary(colour, chance, 0.04),
                width,
                width * 0.6,
            )
            at = tip


def _feelers(
    brush: Brush,
    base: Point,
    heading: float,
    length: float,
    thick: float,
    colour: Colour,
    chance: Random,
    club: float = 0,
) -> None:
    for side in SIDES:
        way = heading if side > 0 else math.pi - heading
        path = curve((AXIS + side * base[0], base[1]), way, length, side * 0.5, 0.1, chance=chance)
        brush.stroke(path, colour, thick, thick * 0.6)
        for index in range(0, len(path), 2):
            brush.dot(path[index], thick * 0.52, shade(colour, 0.8), None)
        if club:
            brush.solid(ellipse(path[-1], club * 1.5, club * 0.8, along(path, 1)[1]), shade(colour, 1.3))


def _wing(brush: Brush, half: Sequence[Point], side: int, colour: Colour) -> None:
    outline = smooth([(AXIS + side * x, y) for x, y in half])
    brush.shape(outline, colour, 0.6, 2)


def _patch(brush: Brush, half: Sequence[Point], side: int, colour: Colour) -> None:
    brush.shape(smooth([(AXIS + side * x, y) for x, y in half]), colour, 0.85)


def _nerves(brush: Brush, base: Point, half: Sequence[Point], side: int, colour: Colour) -> None:
    rim = smooth(half)
    start = (AXIS + side * base[0], base[1])
    for x, y in rim[6 : len(rim) - 12 : 5]:
        end = (AXIS + side * (base[0] + (x - base[0]) * 0.97), base[1] + (y - base[1]) * 0.97)
        brush.line((start, end), colour, 1.2)


def _clear_wing(
    brush: Brush, half: Sequence[Point], side: int, tint: Colour, chance: Random, netted: bool = False
) -> None:
    """Draw a wing that one sees through, with veins and, if netted, cells between them."""
    rim = smooth(half)
    brush.shape([(AXIS + side * x, y) for x, y in rim], tint, 0.45, 2, alpha=150)
    base, tip = half[0], max(half, key=lambda point: point[0])
    count = 9 if netted else 5
    lanes = []
    for index in range(1, count):
        share = index / count
        lane = [_inside(rim, base[0] + (tip[0] - base[0]) * (0.04 + 0.92 * t / 24), share) for t in range(25)]
        lanes.append(lane)
        brush.line([(AXIS + side * x, y) for x, y in lane], (74, 60, 46), 1.6)
    for near, far in pairwise(lanes):
        for _ in range(26 if netted else 2):
            spot = chance.randrange(2, 24)
            ends = (near[spot], (far[spot][0] + chance.uniform(-4, 4), far[spot][1]))
            brush.line([(AXIS + side * x, y) for x, y in ends], (84, 70, 54), 0.9)


def _inside(rim: Sequence[Point], x: float, share: float) -> Point:
    """Find the point at a share of the way from the upper to the lower rim at x."""
    near = sorted(rim, key=lambda point: abs(point[0] - x))[:6]
    top, low = min(y for _, y in near), max(y for _, y in near)
    return (x, top + (low - top) * share)


def _furry(
    brush: Brush, centre: Point, wide: float, tall: float, colour: Callable[[float], Colour], chance: Random
) -> None:
    """Draw a body covered in hair; `colour` may depend on how far down it is."""
    brush.solid(ellipse(centre, wide * 0.93, tall * 0.95, steps=40), colour(centre[1]), 0.5)
    for _ in range(int(wide * tall / 9)):
        turn, far = chance.uniform(0, math.tau), math.sqrt(chance.random())
        root = (centre[0] + wide * far * math.cos(turn), centre[1] + tall * far * math.sin(turn))
        lit = 1.35 - 0.5 * far if root[0] < centre[0] else 1.0 - 0.25 * far
        heading = math.atan2(root[1] - centre[1] + tall * 0.5, root[0] - centre[0]) + chance.gauss(0, 0.35)
        tint = shade(vary(colour(root[1]), chance, 0.14), lit)
        brush.line((root, ahead(root, heading, chance.uniform(7, 15))), tint, 1.0)


def _pin(brush: Brush, at: Point) -> None:
    brush.dot((at[0] + 3, at[1] + 4), 10, shade((60, 56, 50), 0.6), None)
    brush.solid(ellipse(at, 9), (196, 176, 110), 0.7)
    brush.dot((at[0] - 3, at[1] - 3), 2.4, (250, 246, 226), None)
