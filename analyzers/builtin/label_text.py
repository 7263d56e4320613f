"""What is written on labels: lines with outlines, text and confidence, in the order in which they are read.

The networks are PP-OCRv6's small detector and recogniser. They read print and clear handwriting in Latin
script and in Chinese and Japanese; of old handwriting they read little. Which language a line is in is not
told: labels mix Latin names with words of any language, and are too short for a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from analyzers.decimals import decimal_text
from analyzers.description import Description, ModelFile, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.session import RUNTIME, Session
from analyzers.picture.picture import Picture
from analyzers.region import Box, Polygon
from analyzers.text import recognise
from analyzers.text.detect import Slanted, find_lines
from analyzers.text.order import reading_order
from analyzers.text.recognise import Recogniser
from hashstore.canonical import Json
from hashstore.digest import Digest

_DETECTOR: Final = ModelFile(
    name="detector",
    digest=Digest.parse("hash://sha256/090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
    package="rapidocr:rapidocr/models/PP-OCRv6_det_small.onnx",
    license="Apache-2.0",
)
_RECOGNISER: Final = ModelFile(
    name="recogniser",
    digest=Digest.parse("hash://sha256/6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
    package="rapidocr:rapidocr/models/PP-OCRv6_rec_small.onnx",
    license="Apache-2.0",
)

DESCRIPTION: Final = Description(
    name="label-text",
    version="1",
    task=Task.READ,
    about="Text on labels: lines with outline and confidence, in reading order, and blocks of lines.",
    kinds={
        "text": "The lines of one block, such as a label, joined by spaces; its lines follow.",
        "line": "One line of text, with the outline around it.",
    },
    parameters={
        "longest": {
            "description": "Longer side in pixels at which lines are looked for; they are read at full size.",
            "type": "integer",
            "minimum": 320,
            "maximum": 4000,
            "default": 2000,
        },
        "least": {
            "description": "The confidence below which a line is left out.",
            "type": "string",
            "pattern": r"^(0(\.[0-9]{1,3})?|1)$",
            "default": "0.5",
        },
    },
    models=(_DETECTOR, _RECOGNISER),
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=(RUNTIME, "opencv-contrib-python-headless"),
    citation="PaddleOCR: PP-OCRv6, https://github.com/PaddlePaddle/PaddleOCR",
)


class LabelText:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Load both networks."""
        import cv2

        cv2.setNumThreads(1)
        detector = Session(models[_DETECTOR.name])
        recogniser = Recogniser(Session(models[_RECOGNISER.name]))
        longest, least = int(str(parameters["longest"])), float(str(parameters["least"]))

        def read(picture: Picture) -> Sequence[Finding]:
            pixels = picture.pixels()
            lines = find_lines(detector, pixels, longest)
            said = [recogniser.read(pixels, line) for line in lines]
            return list(_findings([one for one in said if one.text and one.confidence >= least], picture))

        return read


def _findings(read: Sequence[recognise.Reading], picture: Picture) -> Iterator[Finding]:
    bounds = picture.region.bounds if picture.region else None
    area = bounds or Box(0, 0, *picture.size)
    for block in reading_order([one.line for one in read]):
        said = [read[place] for place in block]
        outlines = [_outline(one.line, area) for one in said]
        letters = sum(len(one.text) for one in said)
        sure = sum(one.confidence * len(one.text) for one in said) / letters
        yield Finding(
            "text",
            region=_around(outlines),
            text=" ".join(one.text for one in said),
            confidence=decimal_text(sure, 3),
        )
        for outline, one in zip(outlines, said, strict=True):
            yield Finding("line", outline, one.text, confidence=decimal_text(one.confidence, 3))


def _outline(line: Slanted, area: Box) -> Polygon:
    """In whole pixels of the upright picture, within the part that was read."""
    within = np.clip(np.round(line.corners).astype(int), 0, [area.width - 1, area.height - 1])
    return Polygon(tuple((int(x) + area.x, int(y) + area.y) for x, y in within))


def _around(outlines: Sequence[Polygon]) -> Box:
    points = tuple(point for outline in outlines for point in outline.points)
    return Polygon(points).bounds


ANALYZER: Final = LabelText()
