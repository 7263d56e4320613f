"""Curves and outlines in the plane: pixels, y downwards, headings in radians (0 right, -pi/2 up)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Profile: TypeAlias = Callable[[float], float]
UP = -math.pi / 2


def ahead(start: Point, heading: float, length: float) -> Point:
    """Go a length in a heading."""
    return (start[0] + length * math.cos(heading), start[1] + length * math.sin(heading))


def curve(
    start: Point, heading: float, length: float, bend: float = 0.0, wobble: float = 0.0, *, chance: Random
) -> tuple[Point, ...]:
    """Grow a curve that turns by `bend` radians over its length, and by chance a little this way and that."""
    steps = max(6, int(length / 9))
    points, turn = [start], 0.0
    for _ in range(steps):
        turn = 0.8 * turn + chance.gauss(0, wobble) / steps
        heading += bend / steps + turn
        points.append(ahead(points[-1], heading, length / steps))
    return tuple(points)


def along(path: Sequence[Point], share: float) -> tuple[Point, float]:
    """Find the point at a share (0 to 1) of a path, and the heading there."""
    place = min(max(share, 0.0), 1.0) * (len(path) - 1)
    index = min(int(place), len(path) - 2)
    (ax, ay), (bx, by) = path[index], path[index + 1]
    rest = place - index
    return (ax + (bx - ax) * rest, ay + (by - ay) * rest), math.atan2(by - ay, bx - ax)


def ribbon(path: Sequence[Point], half_width: Profile) -> tuple[Point, ...]:
    """Outline a path as a ribbon whose half width is a function of the share of its length."""
    left, right, last = [], [], len(path) - 1
    for index, (x, y) in enumerate(path):
        (ax, ay), (bx, by) = path[min(index, last - 1)], path[min(index + 1, last)]
        dx, dy = bx - ax, by - ay
        half = half_width(index / last) / (math.hypot(dx, dy) or 1.0)
        left.append((x + dy * half, y - dx * half))
        right.append((x - dy * half, y + dx * half))
    return (*left, *reversed(right))


def ellipse(
    centre: Point, radius: float, other: float | None = None, turn: float = 0.0, steps: int = 28
) -> tuple[Point, ...]:
    """Outline an ellipse whose first axis lies in the heading `turn`."""
    second = radius if other is None else other
    cos, sin = math.cos(turn), math.sin(turn)
    out = []
    for index in range(steps):
        angle = 2 * math.pi * index / steps
        x, y = radius * math.cos(angle), second * math.sin(angle)
        out.append((centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos))
    return tuple(out)


def smooth(points: Sequence[Point], steps: int = 8, closed: bool = True) -> tuple[Point, ...]:
    """Draw a Catmull-Rom curve through points."""
    count = len(points)
    out: list[Point] = []
    for index in range(count if closed else count - 1):
        near = [
            points[(index + k) % count] if closed else points[min(max(index + k, 0), count - 1)]
            for k in (-1, 0, 1, 2)
        ]
        out.extend(_between(near, step / steps) for step in range(steps))
    return tuple(out) if closed else (*out, points[-1])


def mirrored(points: Sequence[Point], axis: float) -> tuple[Point, ...]:
    """Mirror points at the vertical line x = axis."""
    return tuple((2 * axis - x, y) for x, y in points)


def _between(near: Sequence[Point], t: float) -> Point:
    def blend(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
        )

    return (
        blend(*(point[0] for point in near)),
        blend(*(point[1] for point in near)),
    )
