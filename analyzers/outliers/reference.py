"""What an image is compared with: vectors of images by taxon, as two blobs that travel like models.

Rows of an index grow from day to day; a reference is fixed, and its digests are part of the analyzer's
identity. So what is found depends on the image and the analyzer alone, and can be had again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import UnsuitableModel
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.terms import VASCULUM

TYPE: Final = f"{VASCULUM}OutlierReference"
MOST: Final = 50_000  # images: each is compared with all others, in memory
WIDEST: Final = 16_384
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Reference:
    """Images by taxon.

    Attributes:
        rank: What the taxa are: `scientificName`, `genus`, `family`...
        analyzer: The identity of the analyzer that made the vectors.
        parameters: The digest of its parameters.
        width: Coordinates of a vector.
        taxa: The images of each taxon; taxa by name, images by digest, none twice.
    """

    rank: str
    analyzer: Digest
    parameters: Digest
    width: int
    taxa: Mapping[str, tuple[Digest, ...]]

    @cached_property
    def data(self) -> bytes:
        """Its canonical JSON. The vectors are another blob: a row for each image, in the order of this."""
        taxa: dict[str, Json] = {name: [one.hex for one in images] for name, images in self.taxa.items()}
        document: dict[str, Json] = {
            "type": TYPE,
            "rank": self.rank,
            "analyzer": self.analyzer.uri,
            "parameters": self.parameters.uri,
            "width": self.width,
            "taxa": taxa,
        }
        return canonical_json(document)

    @cached_property
    def places(self) -> Mapping[Digest, int]:
        """For each image its row."""
        return {one: row for row, one in enumerate(one for images in self.taxa.values() for one in images)}

    @cached_property
    def rows(self) -> Mapping[str, slice]:
        """For each taxon its rows."""
        found, start = dict[str, slice](), 0
        for name, images in self.taxa.items():
            found[name] = slice(start, start + len(images))
            start += len(images)
        return found

    def taxon_of(self, row: int) -> str:
        """The taxon of a row."""
        return next(name for name, rows in self.rows.items() if rows.start <= row < rows.stop)


def reference_of(
    rank: str, analyzer: Digest, parameters: Digest, images: Mapping[Digest, tuple[str, bytes]]
) -> tuple[Reference, bytes]:
    """A reference, and the blob of its vectors.

    Args:
        rank: What the taxa are.
        analyzer: Who made the vectors.
        parameters: With which parameters, by digest.
        images: For each its taxon and its vector, as a finding has it.

    Raises:
        UnsuitableModel: There are too many, none, or vectors are not all of one width.
    """
    widths = {len(vector) for _, vector in images.values()}
    if not images or len(images) > MOST or len(widths) != 1:
        raise UnsuitableModel(
            f"{len(images):,} images with vectors of {len(widths)} widths: a comparison takes 1 to {MOST:,} "
            "images with vectors of one analyzer. Choose fewer by a filter."
        )
    taxa: dict[str, list[Digest]] = {}
    for digest in sorted(images):
        taxa.setdefault(images[digest][0], []).append(digest)
    ordered = MappingProxyType({name: tuple(taxa[name]) for name in sorted(taxa)})
    reference = Reference(rank, analyzer, parameters, widths.pop() // 4, ordered)
    return reference, b"".join(images[one][1] for one in reference.places)


def read_reference(data: bytes) -> Reference:
    """The reference that `Reference.data` wrote.

    Raises:
        UnsuitableModel: It is none.
    """
    try:
        found: Any = json.loads(data)
        taxa = {
            str(name): tuple(map(Digest.parse, found["taxa"][name])) for name in sorted(dict(found["taxa"]))
        }
        reference = Reference(
            str(found["rank"]),
            Digest.parse(found["analyzer"]),
            Digest.parse(found["parameters"]),
            int(found["width"]),
            MappingProxyType(taxa),
        )
    except (ValueError, KeyError, TypeError, RecursionError, HashstoreError) as error:
        raise UnsuitableModel(f"This is no reference to compare images with: {error}") from error
    count = sum(map(len, taxa.values()))
    if reference.data != data or len(reference.places) != count or not 0 < count <= MOST:
        raise UnsuitableModel(
            "A reference names an image twice, none, too many, or is not in canonical form."
        )
    return reference


def read_vectors(path: Path, reference: Reference) -> Vectors:
    """The vectors of a reference, a row for each image.

    Raises:
        UnsuitableModel: They are not as many as it says.
    """
    count, width = len(reference.places), reference.width
    if not 0 < width <= WIDEST or path.stat().st_size != count * width * 4:
        raise UnsuitableModel(f"The vectors of a reference are not {count:,} of {width:,} coordinates.")
    return np.memmap(path, "<f4", "r", shape=(count, width))
