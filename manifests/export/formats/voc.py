"""Pascal VOC: JPEGImages, an XML of boxes for each of them in Annotations, and lists of names in ImageSets.

Source: the VOC2012 development kit, section 5. Boxes count pixels from 1 and their ends belong to them; they
are those of the upright image. The label of a whole image is an object whose box is the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member, Region
from manifests.export.classes import of_split, splits
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made, Picture
from manifests.export.names import image_name
from manifests.export.pictured import pictured
from manifests.export.shapes import box_of
from manifests.export.text import encoded, xml_text

_SETS: Final = {"train": "train", "validation": "val", "test": "test", None: "all"}


@dataclass(frozen=True, slots=True)
class _Voc:
    name: str = "voc"
    version: str = "1"
    about: str = "JPEGImages, Annotations and ImageSets, for detection (Pascal VOC)"
    needs_pictures: bool = True

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"JPEGImages/{image_name(member)}", member.digest, member.size)
        for member, picture in pictured(material, material.members()):
            path = f"Annotations/{member.digest.hex}.xml"
            yield Made(path, partial(_annotation, material.description.title, member, picture))
        for split in splits(material):
            yield Made(f"ImageSets/Main/{_SETS[split]}.txt", partial(_names, material, split))
        yield from companions(material)


EXPORTER = _Voc()


def _names(material: Material, split: str | None) -> Iterator[Chunk]:
    return encoded(f"{member.digest.hex}\n" for member in of_split(material, split))


def _annotation(title: str, member: Member, picture: Picture) -> Iterator[Chunk]:
    return encoded(_lines(title, member, picture))


def _lines(title: str, member: Member, picture: Picture) -> Iterator[str]:
    yield "<annotation>\n  <folder>JPEGImages</folder>\n"
    yield f"  <filename>{image_name(member)}</filename>\n"
    yield f"  <source><database>{xml_text(title)}</database><image>{member.digest.uri}</image></source>\n"
    yield f"  <size><width>{picture.width}</width><height>{picture.height}</height>"
    yield f"<depth>{picture.bands}</depth></size>\n  <segmented>0</segmented>\n"
    if member.label is not None:
        yield from _object(Region(member.label, (0, 0, picture.width, picture.height)))
    for region in member.regions:
        yield from _object(region)
    yield "</annotation>\n"


def _object(region: Region) -> Iterator[str]:
    left, top, width, height = box_of(region)
    yield f"  <object>\n    <name>{xml_text(region.label)}</name>\n"
    yield "    <pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>\n"
    yield f"    <bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin>"
    yield f"<xmax>{left + max(width, 1)}</xmax><ymax>{top + max(height, 1)}</ymax></bndbox>\n  </object>\n"
