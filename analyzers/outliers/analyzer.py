"""The analyzer `outliers`: how unlike an image is to others of its taxon, and whether it is like another's.

It looks at no pixels: an image's vector stands in the reference, which is one of its models. An image that
does not stand there, or whose taxon has too few, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from analyzers.decimals import decimal_text
from analyzers.description import Description, InputKind, ModelFile, Needs, Task
from analyzers.errors import UnsuitableModel
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.outliers.distances import (
    Floats,
    Unusual,
    Usual,
    apart,
    nearest_mean,
    unusual,
    usual_among,
    whole,
)
from analyzers.outliers.reference import Reference, read_reference, read_vectors
from analyzers.picture.picture import Picture
from hashstore.canonical import Json
from hashstore.digest import Digest

NAME: Final = "outliers"
REFERENCE, VECTORS = "reference", "vectors"  # their names among its models
MISIDENTIFIED, UNLIKE = "likely-misidentified", "unlike-its-taxon"
_SAMPLE: Final = 1_000  # images of a taxon by which it is told what is usual in it
_TOLD: Final = 3  # of the nearest
_KINDS: Final = MappingProxyType(
    {
        "outlier-score": "How far it is from others of its taxon (text), in robust standard deviations above "
        "what is usual there.",
        "reference-size": "How many others of its taxon it was compared with.",
        "own-distance": "Mean distance of its vector from the nearest others of its taxon, 0 to 2.",
        "nearest-taxon": "The other taxon (text) that it is nearest to, and its distance from that.",
        "nearest-image": "One of the nearest others of its taxon (text), and its distance.",
        MISIDENTIFIED: "An outlier that is nearer to another taxon (text), and no outlier there.",
        UNLIKE: "An outlier that is at home in no other taxon: a poor image, or something rare.",
    }
)
_PARAMETERS: Final[Mapping[str, Json]] = {
    "nearest": {
        "description": "To so many of the nearest others distances are measured.",
        "type": "integer",
        "minimum": 1,
        "maximum": 50,
        "default": 3,
    },
    "least": {
        "description": "Others that a taxon must have; with fewer nobody knows what is usual in it.",
        "type": "integer",
        "minimum": 3,
        "maximum": 1_000,
        "default": 5,
    },
    "threshold": {
        "description": "From so many robust standard deviations on an image is an outlier: by its score, if "
        "it is at home in another taxon; else by its score less its uncertainty.",
        "type": "string",
        "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3})?$",
        "default": "3",
    },
}


class Outliers:
    """The analyzer, with one reference.

    Args:
        reference: The digest of the reference.
        vectors: The digest of its vectors.
    """

    def __init__(self, reference: Digest, vectors: Digest) -> None:
        self._description = Description(
            name=NAME,
            version="1",
            task=Task.COMPARE,
            about="Images that look unlike the others of their taxon: likely misidentified, or poor.",
            kinds=_KINDS,
            inputs=(InputKind.IMAGE,),
            parameters=_PARAMETERS,
            models=(ModelFile(REFERENCE, reference), ModelFile(VECTORS, vectors)),
            needs=Needs(memory=12 << 30, seconds=120.0),
            citation="Ramaswamy, Rastogi and Shim, Efficient Algorithms for Mining Outliers, SIGMOD 2000",
        )

    @property
    def description(self) -> Description:
        """With its reference among its models."""
        return self._description

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Open the reference."""
        reference = read_reference(models[REFERENCE].read_bytes())
        judge = _Judge(reference, models[VECTORS], parameters)

        def read(picture: Picture) -> Sequence[Finding]:
            row = reference.places.get(picture.digest)
            return [] if row is None else list(judge.findings(row))

        return read


def analyzer_of(models: Mapping[str, Digest]) -> Outliers:
    """The analyzer that a reference and its vectors make.

    Raises:
        UnsuitableModel: One of both is missing.
    """
    if set(models) != {REFERENCE, VECTORS}:
        raise UnsuitableModel(f"{NAME} is made by `vasculum outliers`: it needs images to compare with.")
    return Outliers(models[REFERENCE], models[VECTORS])


class _Judge:
    def __init__(self, reference: Reference, vectors: Path, parameters: Mapping[str, Json]) -> None:
        self._reference = reference
        self._vectors = whole(read_vectors(vectors, reference))
        self._nearest, self._least = int(str(parameters["nearest"])), int(str(parameters["least"]))
        self._threshold = float(str(parameters["threshold"]))
        self._usual = cache(self._usual_in)

    def findings(self, row: int) -> Iterator[Finding]:
        """What is said of the image in a row; nothing where its taxon has too few."""
        name = self._reference.taxon_of(row)
        rows = self._reference.rows[name]
        others = rows.stop - rows.start - 1
        if others < self._least:
            return
        distances = apart(self._vectors[row : row + 1], self._vectors)[0]
        distances[row] = np.inf
        own = float(nearest_mean(distances[rows], min(self._nearest, others)))
        found = unusual(own, self._usual(name).without(row - rows.start))
        other = self._other(distances, name)
        yield from _measured(name, found, others, own)
        yield from self._near(name, distances[rows])
        if other is not None:
            yield Finding("nearest-taxon", text=other[1], value=decimal_text(other[0], 4))
        if other and found.score >= self._threshold and other[0] < own and self._at_home(*other):
            yield Finding(MISIDENTIFIED, text=other[1])
        elif found.score - found.error >= self._threshold:
            # Here the score alone speaks, so its uncertainty is taken off: among few it is large.
            yield Finding(UNLIKE)

    def _near(self, name: str, distances: Floats) -> Iterator[Finding]:
        """The nearest others of the taxon; its images by digest where distances are the same."""
        images = self._reference.taxa[name]
        for place in np.argsort(distances, kind="stable")[: min(_TOLD, len(images) - 1)].tolist():
            yield Finding("nearest-image", text=images[place].uri, value=decimal_text(distances[place], 4))

    def _at_home(self, distance: float, name: str) -> bool:
        """Whether an image so far from another taxon would be no outlier there: a blank one is so nowhere."""
        rows = self._reference.rows[name]
        if rows.stop - rows.start < max(self._least, self._nearest + 2):
            return False
        return unusual(distance, self._usual(name).without(-1)).score < self._threshold

    def _usual_in(self, name: str) -> Usual:
        rows = self._reference.rows[name]
        vectors = self._vectors[rows]
        sample = np.linspace(0, len(vectors) - 1, min(len(vectors), _SAMPLE)).astype(np.int64)
        return usual_among(vectors, sample, min(self._nearest, len(vectors) - 2))

    def _other(self, distances: Floats, own: str) -> tuple[float, str] | None:
        """The other taxon that is nearest, of those with enough images to be near to."""
        means = [
            (float(nearest_mean(distances[rows], self._nearest)), name)
            for name, rows in self._reference.rows.items()
            if name != own and rows.stop - rows.start >= self._nearest
        ]
        return min(means, default=None)


def _measured(name: str, found: Unusual, others: int, own: float) -> Iterator[Finding]:
    score, error = decimal_text(found.score, 3), decimal_text(found.error, 3)
    yield Finding("outlier-score", text=name, value=score, uncertainty=error)
    yield Finding("reference-size", text=name, value=str(others))
    yield Finding("own-distance", text=name, value=decimal_text(own, 4))
