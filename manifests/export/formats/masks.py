"""PNG masks: for each image with labelled parts a mask of its size, whose pixels are numbers of classes.

0 is what no region covers. Masks are of the upright image; the label of a whole image is in labels.tsv, not
in a mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member
from manifests.export.classes import classes, require_labels
from manifests.export.companions import companions
from manifests.export.errors import ExportRefused, MembersLost
from manifests.export.interface import Material
from manifests.export.model import Copy, Failure, File, Made, Picture
from manifests.export.names import image_name
from manifests.export.pictured import pictured
from manifests.export.png import Colour, indexed_png
from manifests.export.raster import mask_rows
from manifests.export.text import encoded, tsv_line

_MOST_CLASSES: Final = 255
_MOST_PIXELS: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class _Masks:
    name: str = "masks"
    version: str = "1"
    about: str = "images and masks/*.png whose pixels are classes, for segmentation"
    needs_pictures: bool = True

    def files(self, material: Material) -> Iterator[File]:
        numbers = classes(material, 1)
        require_labels(numbers, "a mask")
        if len(numbers) > _MOST_CLASSES:
            raise ExportRefused(
                f"A mask has at most {_MOST_CLASSES} classes; this dataset has {len(numbers)} labels."
            )
        for member in material.members():
            yield Copy(f"images/{image_name(member)}", member.digest, member.size)
        parted = (member for member in material.members() if member.regions)
        for member, picture in pictured(material, parted):
            yield Made(f"masks/{member.digest.hex}.png", partial(_mask, member, picture, numbers))
        yield Made("classes.tsv", partial(_classes, numbers))
        yield Made("labels.tsv", partial(_labels, material, numbers))
        yield from companions(material)


EXPORTER = _Masks()


def _mask(member: Member, picture: Picture, numbers: Mapping[str, int]) -> Iterator[Chunk]:
    width, height = picture.width, picture.height
    if width * height > _MOST_PIXELS:
        words = f"has {width} x {height} pixels; a mask has at most {_MOST_PIXELS:,}"
        raise MembersLost((Failure(member.digest, "unreadable", words),))
    shapes = tuple((region, numbers[region.label]) for region in member.regions)
    palette = tuple(_colour(number) for number in range(max(numbers.values()) + 1))
    return indexed_png(width, mask_rows(width, height, shapes), height, palette)


def _colour(number: int) -> Colour:
    """The colour map of Pascal VOC, so that masks look alike everywhere."""
    red = green = blue = 0
    for place in range(8):
        bits = number >> 3 * place
        red |= (bits & 1) << 7 - place
        green |= (bits >> 1 & 1) << 7 - place
        blue |= (bits >> 2 & 1) << 7 - place
    return red, green, blue


def _classes(numbers: Mapping[str, int]) -> Iterator[Chunk]:
    rows = [tsv_line((n, label)) for label, n in numbers.items()]
    return encoded([tsv_line(("class", "label")), tsv_line((0, "background")), *rows])


def _labels(material: Material, numbers: Mapping[str, int]) -> Iterator[Chunk]:
    def lines() -> Iterator[str]:
        yield tsv_line(("image", "class", "split"))
        for member in material.members():
            label = None if member.label is None else numbers[member.label]
            yield tsv_line((image_name(member), label, member.split))

    return encoded(lines())
