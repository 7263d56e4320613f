"""Colours as 8-bit sRGB triples."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
INK: Colour = (38, 42, 70)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Go a share (0 to 1) of the way from one colour to the other."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return (_byte(r), _byte(g), _byte(b))


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (below 1) or lighten (above 1) a colour."""
    r, g, b = (round(part * factor) for part in colour)
    return (_byte(r), _byte(g), _byte(b))


def vary(colour: Colour, chance: Random, spread: float = 0.08) -> Colour:
    """Give a neighbour of a colour: a little lighter or darker, a little warmer or greener."""
    light, warm = chance.gauss(1, spread), chance.gauss(0, 60 * spread)
    r, g, b = colour
    return (_byte(round(r * light + warm)), _byte(round(g * light)), _byte(round(b * light - warm / 2)))


def _byte(value: int) -> int:
    return min(255, max(0, value))
