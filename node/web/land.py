"""The land as a picture behind points: Natural Earth's countries (1:110m), in degrees, north up."""

from __future__ import annotations

import json
from typing import Any, Final

from manifests.quality.topology import polygons
from node.web.assets import FOLDER, Asset

_FILE: Final = FOLDER / "foreign" / "countries-110m.json"
_JUMP: Final = 180.0  # degrees
# Coordinates are degrees east of the antimeridian and south of the north pole.
_SVG: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 180" preserveAspectRatio="none">'
    '<path fill="#e9e1cf" stroke="#fbf8f1" stroke-width=".35" stroke-linejoin="round" d="{path}"/></svg>'
)


def land() -> Asset:
    """The picture: 360 by 180 units, each a degree."""
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    path = "".join(_outline(polygon) for _, polygon in polygons(document, "countries"))
    return Asset(_SVG.format(path=path).encode(), "image/svg+xml")


def _outline(polygon: Any) -> str:
    rings = [polygon.exterior, *polygon.interiors]
    return "".join(f"{_ring(list(ring.coords))}Z" for ring in rings)


def _ring(points: list[tuple[float, float]]) -> str:
    """The path of a ring; where it jumps across the antimeridian, the pen is lifted."""
    parts, last = [], None
    for x, y in points:
        jumps = last is None or abs(x - last) > _JUMP
        parts.append(f"{'M' if jumps else ' '}{x + 180:.1f},{90 - y:.1f}")
        last = x
    return "".join(parts)
