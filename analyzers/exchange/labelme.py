"""LabelMe: rectangles, polygons and points with labels, a JSON file for each image (labelme 5).

Here several of them may stand in one list. A picture inside a file is passed over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from analyzers.errors import AnalyzerError, BadOutput
from analyzers.exchange.document import parse
from analyzers.exchange.model import Item, MalformedFile, Refused, Written
from analyzers.exchange.numbers import box_of, finite, polygon_of
from analyzers.region import Box, Point, Polygon, Region, parse_region

_SAID: Final = frozenset({"kind", "region", "text"})


def read_labelme(data: bytes) -> Iterator[Item | Refused]:
    """The shapes of one file, or of a list of files.

    Raises:
        MalformedFile: it is none.
    """
    document, place = parse(data, "LabelMe"), 0
    for file in document if isinstance(document, list) else [document]:
        if not isinstance(file, dict) or not isinstance(file.get("shapes"), list):
            raise MalformedFile("This is no LabelMe file: it has no list of shapes.")
        for shape in file["shapes"]:
            place += 1
            try:
                yield _item(place, file, shape)
            except BadOutput as error:
                yield Refused(place, "not-a-number" if "number" in str(error) else "malformed", str(error))
            except (AnalyzerError, AttributeError, KeyError, TypeError, ValueError) as error:
                yield Refused(place, "malformed", f"it is no shape of LabelMe ({error})")


def _item(place: int, file: Mapping[str, Any], shape: Mapping[str, Any]) -> Item:
    label, text = str(shape["label"]), shape.get("description")
    kind = (shape.get("flags") or {}).get("finding") is True
    told = {"kind": label} if kind else {"kind": "object", "text": label}
    if kind and isinstance(text, str) and text:
        told["text"] = text
    sides = (file.get("imageWidth"), file.get("imageHeight"))
    size = (sides[0], sides[1]) if isinstance(sides[0], int) and isinstance(sides[1], int) else None
    return Item(place, str(file["imagePath"]), {**told, "region": _region(shape).text}, size)


def _region(shape: Mapping[str, Any]) -> Region:
    points, drawn = shape["points"], shape.get("shape_type", "polygon")
    if drawn == "rectangle":
        (x, y), (u, v) = points
        left, top, right, bottom = (*map(min, (x, y), (u, v)), *map(max, (x, y), (u, v)))
        return box_of([left, top, right - left, bottom - top])
    if drawn == "polygon":
        return polygon_of(points)
    if drawn == "point":
        ((x, y),) = points
        spot = Point(int(finite(x)), int(finite(y)))
        if min(spot.x, spot.y) < 0:
            raise BadOutput("it lies outside the picture")
        return spot
    raise BadOutput(f"its shape is a {drawn}; rectangles, polygons and points are read")


def write_labelme(items: Iterable[Item]) -> Written:
    """Items as a list of LabelMe files; masks, grids and whole images cannot be told."""
    files, lost = list[dict[str, Any]](), Counter[str]()
    for (name, size), group in groupby(items, key=lambda item: (item.image, item.size)):
        shapes = [shape for item in group if (shape := _shape(item, lost)) is not None]
        width, height = size or (None, None)
        files.append(
            {"version": "5.0.0", "flags": {}, "shapes": shapes, "imagePath": name, "imageData": None,
             "imageHeight": height, "imageWidth": width}
        )  # fmt: skip
    return Written((json.dumps(files, ensure_ascii=False, indent=1) + "\n").encode(), dict(lost))


def _shape(item: Item, lost: Counter[str]) -> dict[str, Any] | None:
    finding = item.finding
    region = parse_region(finding["region"]) if "region" in finding else None
    if not isinstance(region, Box | Polygon | Point):
        lost["item"] += 1
        return None
    lost.update(one for one in finding if one not in _SAID)
    lost.update(one for one in ("motivation", "agent", "created") if getattr(item, one) is not None)
    plain = finding["kind"] == "object" and "text" in finding
    drawn, points = _drawn(region)
    return {
        "label": finding["text"] if plain else finding["kind"],
        "points": points,
        "group_id": None,
        "description": "" if plain else finding.get("text", ""),
        "shape_type": drawn,
        "flags": {} if plain else {"finding": True},
    }


def _drawn(region: Box | Polygon | Point) -> tuple[str, list[list[int]]]:
    match region:
        case Box(x, y, width, height):
            return "rectangle", [[x, y], [x + width, y + height]]
        case Point(x, y):
            return "point", [[x, y]]
        case Polygon(points):
            return "polygon", [list(point) for point in points]
