"""COCO: boxes, polygons and masks with categories, scores and captions (cocodataset.org, format of data)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from analyzers.errors import AnalyzerError, BadOutput
from analyzers.exchange.document import parse
from analyzers.exchange.masks import counts_of, mask_of
from analyzers.exchange.model import Item, MalformedFile, Refused, Written
from analyzers.exchange.numbers import box_of, decimal_of, polygon_of
from analyzers.region import Box, Mask, Polygon, Region, parse_region

KIND: Final = "finding"
"""Supercategory of categories that are kinds of findings; others are labels of an `object`."""

_SAID: Final = frozenset({"kind", "region", "text", "confidence"})


def read_coco(data: bytes) -> Iterator[Item | Refused]:
    """The annotations of a COCO file.

    Raises:
        MalformedFile: it is none; a bare list of results names no images, so it is none either.
    """
    document = parse(data, "COCO")
    if not isinstance(document, dict) or not isinstance(document.get("annotations"), list):
        raise MalformedFile(
            "This is no COCO file: it has no list of annotations beside images and categories."
        )
    images, categories = (_by_id(document, name) for name in ("images", "categories"))
    for place, annotation in enumerate(document["annotations"], 1):
        try:
            yield _item(place, annotation, images, categories)
        except _Unfit as error:
            yield Refused(place, error.reason, str(error))
        except BadOutput as error:
            yield Refused(place, "not-a-number" if "number" in str(error) else "malformed", str(error))
        except (AnalyzerError, KeyError, TypeError, ValueError, IndexError) as error:
            yield Refused(place, "malformed", f"it is no annotation of COCO ({error})")


class _Unfit(Exception):
    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


def _by_id(document: Mapping[str, Any], name: str) -> dict[Any, Mapping[str, Any]]:
    listed = document.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "id" in one for one in listed):
        raise MalformedFile(f"This is no COCO file: its {name} are no list of objects with an id.")
    return {json.dumps(one["id"]): one for one in listed}


def _item(place: int, annotation: Any, images: Mapping[Any, Any], categories: Mapping[Any, Any]) -> Item:
    image = images.get(json.dumps(annotation["image_id"]))
    if image is None:
        raise _Unfit("image-unknown", f"the file lists no image {annotation['image_id']!r}")
    region = _region(annotation)
    told = {
        **_labelled(annotation, categories),
        **({"region": region.text} if region else {}),
        **({"text": str(annotation["caption"])} if "caption" in annotation else {}),
        **({"confidence": decimal_of(annotation["score"])} if "score" in annotation else {}),
    }
    size = (image["width"], image["height"]) if "width" in image and "height" in image else None
    return Item(place, str(image["file_name"]), told, size)


def _labelled(annotation: Mapping[str, Any], categories: Mapping[Any, Any]) -> dict[str, str]:
    if "category_id" not in annotation:
        return {"kind": "caption"}
    category = categories.get(json.dumps(annotation["category_id"]))
    if category is None:
        raise _Unfit("label-unknown", f"the file lists no category {annotation['category_id']!r}")
    name = str(category["name"])
    return {"kind": name} if category.get("supercategory") == KIND else {"kind": "object", "text": name}


def _region(annotation: Mapping[str, Any]) -> Region | None:
    drawn = annotation.get("segmentation")
    if isinstance(drawn, dict):
        return mask_of(drawn.get("size"), drawn.get("counts"))
    if isinstance(drawn, list) and len(drawn) == 1:
        numbers = drawn[0]
        return polygon_of(list(zip(numbers[::2], numbers[1::2], strict=True)))
    if isinstance(drawn, list) and len(drawn) > 1:
        raise _Unfit("several-parts", "it has several outlines; draw it as a mask, or as several annotations")
    return box_of(annotation["bbox"]) if "bbox" in annotation else None


def write_coco(items: Iterable[Item]) -> Written:
    """Items as COCO; an image without size, a point and a grid cannot be told."""
    images: dict[str, dict[str, Any]] = {}
    categories: dict[tuple[str, str], dict[str, Any]] = {}
    annotations: list[dict[str, Any]] = []
    lost: Counter[str] = Counter()
    for item in items:
        region = parse_region(item.finding["region"]) if "region" in item.finding else None
        if item.size is None or not isinstance(region, Box | Polygon | Mask | None):
            lost["item"] += 1
            continue
        lost.update(_unsaid(item))
        image = images.setdefault(item.image, _image(len(images) + 1, item.image, item.size))
        name = _category(item)
        category = categories.setdefault(
            name, {"id": len(categories) + 1, "name": name[0], "supercategory": name[1]}
        )
        numbers = {"id": len(annotations) + 1, "image_id": image["id"], "category_id": category["id"]}
        annotations.append({**numbers, **_drawn(region, item.size), **_rest(item)})
    document = {
        "info": {"description": "Findings of a Vasculum node"},
        "images": list(images.values()),
        "categories": list(categories.values()),
        "annotations": annotations,
    }
    return Written((json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(), dict(lost))


def _image(number: int, name: str, size: tuple[int, int]) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": size[0], "height": size[1]}


def _category(item: Item) -> tuple[str, str]:
    label = item.finding.get("text")
    return (label, "object") if item.finding["kind"] == "object" and label else (item.finding["kind"], KIND)


def _rest(item: Item) -> dict[str, Any]:
    found = item.finding
    captioned = "text" in found and _category(item)[1] == KIND
    return {
        **({"caption": found["text"]} if captioned else {}),
        **({"score": float(found["confidence"])} if "confidence" in found else {}),
    }


def _unsaid(item: Item) -> list[str]:
    lost = [name for name in item.finding if name not in _SAID]
    lost += [name for name in ("motivation", "agent", "created") if getattr(item, name) is not None]
    sure = item.finding.get("confidence")
    return [*lost, "confidence"] if sure is not None and decimal_of(float(sure)) != sure else lost


def _drawn(region: Region | None, size: tuple[int, int]) -> dict[str, Any]:
    if region is None or region.bounds is None:
        return {}
    box = region.bounds
    told: dict[str, Any] = {"bbox": [box.x, box.y, box.width, box.height], "iscrowd": 0}
    if isinstance(region, Polygon):
        told["segmentation"] = [[number for point in region.points for number in point]]
        told["area"] = _area(region.points)
    elif isinstance(region, Mask):
        told["segmentation"] = {"size": [size[1], size[0]], "counts": counts_of(region, size)}
        told |= {"iscrowd": 1, "area": sum(region.runs[1::2])}
    else:
        told["area"] = box.width * box.height
    return told


def _area(points: Sequence[tuple[int, int]]) -> float:
    """By the shoelace formula."""
    turned = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in turned)) / 2
