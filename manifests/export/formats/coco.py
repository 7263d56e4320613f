"""COCO: images in one folder, and for each split a JSON of its images, boxes, polygons and categories.

Source: the format of cocodataset.org (detection), as pycocotools reads it. Widths, heights, boxes and
polygons are those of the upright image, so a reader has to apply the EXIF orientation. The label of a whole
image is an annotation whose box is the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member, Region
from manifests.export.classes import classes, splits
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made, Picture
from manifests.export.names import image_name, split_name
from manifests.export.pictured import pictured
from manifests.export.shapes import area_of, box_of
from manifests.export.text import compact_json, encoded, json_array

_FOLDER = "images"


@dataclass(frozen=True, slots=True)
class _Coco:
    name: str = "coco"
    version: str = "1"
    about: str = "images and instances_*.json, for detection and segmentation (pycocotools)"
    needs_pictures: bool = True

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"{_FOLDER}/{image_name(member)}", member.digest, member.size)
        for split in splits(material):
            yield Made(
                f"annotations/instances_{split_name(split)}.json", partial(_annotations, material, split)
            )
        yield from companions(material)


EXPORTER = _Coco()


def _annotations(material: Material, split: str | None) -> Iterator[Chunk]:
    return encoded(_document(material, split))


def _document(material: Material, split: str | None) -> Iterator[str]:
    numbers = classes(material, 1)
    licenses = {name: place for place, name in enumerate(sorted(_licenses(material)), 1)}
    yield "{" + f'"info":{compact_json(_info(material))},\n'
    yield from json_array(
        "licenses", ({"id": n, "name": name, "url": _url(name)} for name, n in licenses.items())
    )
    yield from json_array("categories", ({"id": n, "name": label} for label, n in numbers.items()))
    yield from json_array("images", _images(material, split, licenses))
    yield from json_array("annotations", _instances(material, split, numbers), last=True)
    yield "}\n"


def _info(material: Material) -> dict[str, Any]:
    about = material.description
    return {
        "description": f"{about.title}. {about.citation}",
        "url": about.statement.uri,
        "version": str(about.version),
        "year": about.made.year,
        "contributor": about.publisher,
        "date_created": about.made.date().isoformat(),
    }


def _licenses(material: Material) -> set[str]:
    return {member.license or "unknown" for member in material.members()}


def _url(license: str) -> str:
    return "" if license == "unknown" else f"https://spdx.org/licenses/{license}.html"


def _numbered(material: Material, split: str | None) -> Iterator[tuple[int, Member, Picture]]:
    """The members of a split with their numbers, which count through all splits."""
    places: list[int] = []

    def of_split() -> Iterator[Member]:
        for number, member in enumerate(material.members(), 1):
            if member.split == split:
                places.append(number)
                yield member

    for taken, (member, picture) in enumerate(pictured(material, of_split())):
        yield places[taken], member, picture


def _images(material: Material, split: str | None, licenses: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for number, member, picture in _numbered(material, split):
        yield {
            "id": number,
            "file_name": image_name(member),
            "width": picture.width,
            "height": picture.height,
            "license": licenses[member.license or "unknown"],
            "digest": member.digest.uri,
            "attribution": member.attribution,
        }


def _instances(material: Material, split: str | None, numbers: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    count = 0
    for image, member, picture in _numbered(material, split):
        whole = (
            Region(member.label, (0, 0, picture.width, picture.height)) if member.label is not None else None
        )
        for region in (*((whole,) if whole else ()), *member.regions):
            count += 1
            yield {
                "id": count,
                "image_id": image,
                "category_id": numbers[region.label],
                "bbox": list(box_of(region)),
                "area": area_of(region),
                "iscrowd": 0,
                "segmentation": [_flat(region)] if region.polygon else [],
            }


def _flat(region: Region) -> list[int]:
    return [number for corner in region.polygon for number in corner]
