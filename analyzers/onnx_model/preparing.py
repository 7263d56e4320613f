"""A picture as a network takes it, and the way back from its places to the picture's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.onnx_model.manifest import Preparation
from analyzers.picture.picture import Pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of a picture lies where in the input; lengths in pixels.

    Attributes:
        source: Left, upper, right and lower edge of the part, in the picture.
        target: The same, in the input.
    """

    source: tuple[float, float, float, float]
    target: tuple[int, int, int, int]

    def back(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Places in the input, as x and y in the last axis, as places in the picture."""
        source, target = np.array(self.source), np.array(self.target, np.float64)
        scale = (source[2:] - source[:2]) / (target[2:] - target[:2])
        found: npt.NDArray[np.float64] = (points - target[:2]) * scale + source[:2]
        return found


def frame_of(size: tuple[int, int], how: Preparation) -> Frame:
    """Where a picture of some width and height comes to lie."""
    width, height = size
    if how.resize == "fit":
        scale = min(how.width / width, how.height / height)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        x, y = (how.width - inner[0]) // 2, (how.height - inner[1]) // 2
        return Frame((0, 0, width, height), (x, y, x + inner[0], y + inner[1]))
    if how.resize == "crop":
        scale = how.fraction * min(width / how.width, height / how.height)
        across, down = how.width * scale, how.height * scale
        left, top = (width - across) / 2, (height - down) / 2
        return Frame((left, top, left + across, top + down), (0, 0, how.width, how.height))
    return Frame((0, 0, width, height), (0, 0, how.width, how.height))


def network_input(pixels: Pixels, how: Preparation) -> npt.NDArray[np.float32]:
    """The array that the network takes: one picture, float32."""
    from PIL import Image

    frame = frame_of((pixels.shape[1], pixels.shape[0]), how)
    left, top, right, bottom = frame.target
    filter = Image.Resampling.BICUBIC if how.filter == "bicubic" else Image.Resampling.BILINEAR
    part = Image.fromarray(pixels).resize((right - left, bottom - top), filter, box=frame.source)
    whole = np.full((how.height, how.width, 3), how.padding, np.uint8)
    whole[top:bottom, left:right] = np.asarray(part)
    mean, std = np.array(how.mean, np.float32), np.array(how.std, np.float32)
    coloured = whole if how.colours == "RGB" else whole[:, :, ::-1]
    scaled = (coloured.astype(np.float32) / 255 - mean) / std
    laid = scaled if how.layout == "NHWC" else scaled.transpose(2, 0, 1)
    return np.ascontiguousarray(laid[None])
