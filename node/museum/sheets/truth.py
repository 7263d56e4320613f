"""Ground truth: what is where in a picture.

    {"catalogNumber": "MDS00010401", "height": 1800, "width": 1200, "regions": [
      {"type": "barcode", "box": [x, y, width, height], "polygon": [[x, y], ...], "text": "MDS00010401", ...},
      {"type": "label", "lines": [{"box": ..., "text": "Bellis perennis L."}, ...], ...},
      {"type": "ruler", "pixelsPerMm": "4.0", ...},
      {"type": "colourChecker", "patches": [{"box": ..., "name": "red", "sRGB": [175, 54, 60]}, ...], ...},
      {"type": "stamp", "text": ...}, {"type": "handwriting", "text": ...},
      {"type": "annotation", "lines": ...}, {"type": "specimen", "mask": "....mask.png", ...}]}

Boxes are whole pixels, and what a region shows lies within its box. Decimals are strings, as everywhere else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.museum.sheets.geometry import Point


@dataclass(frozen=True, slots=True)
class Region:
    """One thing in the picture: its kind, its outline in pixels, and what else is known of it."""

    kind: str
    polygon: tuple[Point, ...]
    known: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give the region as JSON."""
        outline = [[round(x), round(y)] for x, y in self.polygon]
        return {"type": self.kind, "box": box_of(self.polygon), "polygon": outline, **self.known}


def box_of(polygon: Sequence[Point]) -> list[int]:
    """Give the smallest box of whole pixels around an outline, as x, y, width, height."""
    left, top = (math.floor(min(point[axis] for point in polygon)) for axis in (0, 1))
    right, bottom = (math.ceil(max(point[axis] for point in polygon)) for axis in (0, 1))
    return [left, top, right - left, bottom - top]


def truth_document(catalog_number: str, size: tuple[int, int], regions: Sequence[Region]) -> bytes:
    """Write the ground truth of a picture as UTF-8 JSON."""
    document = {
        "catalogNumber": catalog_number,
        "width": size[0],
        "height": size[1],
        "regions": [region.document() for region in regions],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
