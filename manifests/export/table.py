"""The table of members, members.csv: what the packaging formats say of each image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.export.interface import Material
from manifests.export.names import image_name
from manifests.export.text import csv_lines, encoded

MEMBERS: Final = "members.csv"
COLUMNS: Final = {
    "digest": "SHA-256 of the image's bytes, as a hash URI.",
    "path": "Where the image is, relative to the top of the export.",
    "size": "Size of the image in bytes.",
    "mediaType": "Media type of the image.",
    "license": "SPDX identifier of the image's licence; empty if it is unknown.",
    "creator": "Who made the image, as published.",
    "rightsHolder": "Who holds the rights in the image, as published.",
    "attribution": "The credit to print with the image.",
    "label": "Class of the whole image.",
    "split": "train, validation or test.",
    "media": "Row URI of the media row that shows the image.",
    "specimen": "Row URI of the specimen row.",
}


def members_table(material: Material, folder: str) -> Iterator[Chunk]:
    """The table, with a header line.

    Args:
        material: The dataset.
        folder: Where the images are; ends in `/`.
    """
    return encoded(csv_lines(_rows(material, folder)))


def _rows(material: Material, folder: str) -> Iterator[tuple[object, ...]]:
    yield tuple(COLUMNS)
    for member in material.members():
        yield (
            member.digest.uri, f"{folder}{image_name(member)}", member.size, member.media_type,
            member.license, member.creator, member.rights_holder, member.attribution, member.label,
            member.split, member.media, member.specimen,
        )  # fmt: skip
