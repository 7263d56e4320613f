"""Growth as lines of an SVG, 100 by 100: time to the right, counts upwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.search.growth import Point


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve of one value.

    Attributes:
        name: The value.
        path: Its line, a step at each crawl.
        last: The newest count.
    """

    name: str
    path: str
    last: int


def drawn(points: Sequence[Point]) -> tuple[Curve, ...]:
    """A curve for each value, the greatest first."""
    names = dict.fromkeys(name for point in points for name in point.counts)
    most = max((max(point.counts.values(), default=0) for point in points), default=0) or 1
    across = list(_across(points))
    curves = [
        Curve(name, _path(across, [point.counts.get(name, 0) for point in points], most), last)
        for name in names
        if (last := points[-1].counts.get(name, 0)) or any(point.counts.get(name) for point in points)
    ]
    return tuple(sorted(curves, key=lambda curve: -curve.last))


def _across(points: Sequence[Point]) -> Iterator[float]:
    """Where each point stands: by its time, or by its number where times are not told."""
    times = [_seconds(point.at) for point in points]
    if None in times or len(set(times)) < 2:
        yield from (100 * place / max(len(points) - 1, 1) for place in range(len(points)))
        return
    known = [time for time in times if time is not None]
    first, span = min(known), max(known) - min(known)
    yield from (100 * (time - first) / span for time in known)


def _seconds(at: str | None) -> float | None:
    try:
        return datetime.fromisoformat(at).timestamp() if at else None
    except ValueError:
        return None


def _path(across: Sequence[float], counts: Sequence[int], most: int) -> str:
    places = [(x, 100 - 98 * count / most) for x, count in zip(across, counts, strict=True)]
    x, y = places[0]
    steps = "".join(f"H{x:.2f}V{y:.2f}" for x, y in places[1:])
    return f"M{x:.2f},{y:.2f}{steps}" if len(places) > 1 else f"M0,{y:.2f}H100"
