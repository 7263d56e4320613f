"""What stands out in a picture: the small U-2-Net, which was trained on cut-outs of all kinds of things.

Qin and others, Pattern Recognition 106 (2020). It sees pale wings on a pale ground, which rules on colour do
not; but on sheets, in drawers and beside labels it takes the wrong things, or all of them. So it only
completes what the rules have found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from analyzers.models.session import Session
from analyzers.vision.opencv import cv2

Pixels = npt.NDArray[np.uint8]
Inside = npt.NDArray[np.bool_]
Salient: TypeAlias = Callable[[Pixels], Inside]
_SIDE: Final = 320  # pixels of the square that it takes
_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD: Final = np.array([0.229, 0.224, 0.225], np.float32)
_STANDS_OUT: Final = 0.5  # of the most salient pixel
_RIM: Final = 1 / 200  # of the longer side: about two pixels of what the network sees
_KNOWN: Final = 0.5  # of a salient thing, what the rules found of it


def salient_by(model: Path) -> Salient:
    """The function that tells which pixels of a picture stand out.

    Raises:
        UnsuitableModel: The file is no network that can be run.
    """
    session = Session(model)

    def salient(pixels: Pixels) -> Inside:
        (found, *_) = session.run(**{"input.1": network_input(pixels)})
        seen = found[0, 0]
        low, high = float(seen.min()), float(seen.max())
        share = (seen - low) / max(high - low, 1e-6)
        size = (pixels.shape[1], pixels.shape[0])
        full = cv2.resize(share.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(full, np.float32) > _STANDS_OUT

    return salient


def network_input(pixels: Pixels) -> npt.NDArray[np.float32]:
    """A picture as the network takes it: squeezed into a square, brightened to its maximum, colours first."""
    from PIL import Image

    square = np.asarray(Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), np.float32)
    scaled = (square / max(float(square.max()), 1.0) - _MEAN) / _SPREAD
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def completed(inside: Inside, salient: Inside) -> Inside:
    """A mask with those salient things of which it has a good part already, as a whole.

    Along an outline nothing is added: the network saw a smaller picture, and knows it less well.
    """
    _, marks, stats, _ = cv2.connectedComponentsWithStats(salient.astype(np.uint8), connectivity=8)
    own = np.bincount(marks[inside], minlength=len(stats))
    whole = own > _KNOWN * stats[:, cv2.CC_STAT_AREA]
    whole[0] = False
    more = (whole[marks] & ~inside).astype(np.uint8)
    rim = 2 * round(max(inside.shape) * _RIM / 2) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim))
    found: Inside = inside | (cv2.morphologyEx(more, cv2.MORPH_OPEN, kernel) > 0)
    return found
