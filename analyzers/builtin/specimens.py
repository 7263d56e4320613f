"""The single specimens of a drawer or tray, each with its box and its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzers.builtin.sheet_segments import taken_apart
from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.saliency import NETWORK
from analyzers.models.session import RUNTIME
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.vision.salient import Salient

DESCRIPTION: Final = Description(
    name="specimens",
    version="2",
    task=Task.DETECT,
    about="The single specimens of a drawer, tray or sheet. Those that touch are told as one.",
    kinds={
        "single-specimen": "One specimen: the smallest upright rectangle around it.",
        "specimen-count": "How many there are.",
    },
    models=(NETWORK,),
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=(RUNTIME, "opencv-contrib-python-headless", "zxing-cpp"),
    citation="Qin and others, U2-Net, Pattern Recognition 106, 2020",
)


class Specimens:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Load the network."""
        from analyzers.vision.salient import salient_by

        return partial(read, salient=salient_by(models[NETWORK.name]))


def read(picture: Picture, salient: Salient | None) -> Sequence[Finding]:
    """The specimens of a picture, from top to bottom.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.pieces import pieces
    from analyzers.vision.placing import placing

    pixels = picture.pixels()
    where = placing(picture, pixels)
    inside = taken_apart(pixels, salient).specimen
    found = [
        Finding(
            "single-specimen",
            region=where.box(piece.x, piece.y, piece.inside.shape[1], piece.inside.shape[0]),
            confidence=decimal_text(0.7, 2),
        )
        for piece in pieces(inside)
    ]
    return [Finding("specimen-count", value=str(len(found))), *found]


ANALYZER: Final = Specimens()
