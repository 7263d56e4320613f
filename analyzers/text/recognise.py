"""What a line of text says, by PP-OCR's recogniser: a column of letters' likelihoods for each few pixels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import UnsuitableModel
from analyzers.models.session import Session
from analyzers.picture.picture import Pixels
from analyzers.text.detect import Slanted, network_input, resized

HEIGHT: Final = 48  # pixels of a line as the network takes it
_WIDEST: Final = 4_096
_UPRIGHT: Final = 1.5  # a line that is so many times as high as wide is written upward or downward
_SURE: Final = 0.9  # a line that is read less surely may stand on its head
_EAST_ASIAN: Final = re.compile("[\u2e80-\u2fdf\u3040-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc]")
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        line: Where, its corners told as the line is read.
        text: The letters.
        confidence: How sure the network is, 0 to 1: the mean over the letters.
    """

    line: Slanted
    text: str
    confidence: float


class Recogniser:
    """Reads lines, each by itself: what is read of one does not depend on others in the picture.

    Args:
        session: The network, with its letters in the file's `character`.

    Raises:
        UnsuitableModel: It says nothing of its letters.
    """

    def __init__(self, session: Session) -> None:
        letters = session.metadata.get("character", "")
        if not letters:
            raise UnsuitableModel("The network that reads lines has no list of letters.")
        self._session = session
        self._letters = ("", *letters.split("\n"), " ")  # the first stands for no letter

    def read(self, pixels: Pixels, line: Slanted) -> Reading:
        """Read one line of a picture; it may stand upward, downward or on its head."""
        if line.height > _UPRIGHT * line.width:
            return max((self._read(pixels, line.turned(quarters)) for quarters in (1, 3)), key=_right)
        found = self._read(pixels, line)
        if found.confidence >= _SURE:
            return found
        return max((found, self._read(pixels, line.turned(2))), key=_right)

    def _read(self, pixels: Pixels, line: Slanted) -> Reading:
        strip = _strip(pixels, line)
        width = math.ceil(HEIGHT * strip.shape[1] / strip.shape[0])
        small = resized(strip, min(_WIDEST, max(HEIGHT, width)), HEIGHT)
        (likely,) = self._session.run(x=network_input(small))
        return Reading(line, *self._spelled(likely[0]))

    def _spelled(self, likely: npt.NDArray[np.float32]) -> tuple[str, float]:
        """Each column's likeliest letter, equal neighbours as one (CTC: Graves et al., ICML 2006)."""
        best = likely.argmax(1)
        kept = (best != 0) & (best != np.concatenate([[-1], best[:-1]]))
        text = plain_text("".join(self._letters[letter] for letter in best[kept]))
        sure = likely[np.arange(len(best)), best][kept]
        return text, float(sure.mean(dtype=np.float64)) if text else 0.0


def plain_text(text: str) -> str:
    """Without spaces around it; wide punctuation as plain one, unless it stands in East Asian text."""
    return " ".join((text if _EAST_ASIAN.search(text) else text.translate(_WIDE)).split())


def _strip(pixels: Pixels, line: Slanted) -> Pixels:
    """A line turned to the horizontal, at the picture's own size."""
    import cv2

    width, height = max(1, round(line.width)), max(1, round(line.height))
    target = np.array([[0, 0], [width, 0], [0, height]], np.float32)
    turn = cv2.getAffineTransform(line.corners[[0, 1, 3]], target)
    size, edge = (width, height), cv2.BORDER_REPLICATE
    found = cv2.warpAffine(pixels, turn, size, flags=cv2.INTER_LINEAR, borderMode=edge)
    return np.asarray(found, np.uint8)


def _right(reading: Reading) -> float:
    """How many letters are likely right: a line on its head may be read as few letters, and surely."""
    return reading.confidence * len(reading.text)
