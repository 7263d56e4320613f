"""What lies on a ground: everything whose colour is not that of the paper, board or foam below it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.opencv import cv2

Pixels = npt.NDArray[np.uint8]
Inside = npt.NDArray[np.bool_]
_CELL: Final = 8  # of 256 steps of L, a and b: how finely colours are counted
_NEAR: Final = 15.0  # from the ground's colour, within which it varies by light and stains
_DIFFERENT: Final = 13.0  # from the ground nearby: what lies on it
_LIGHTNESS: Final = 0.75  # shadows differ in lightness alone, so it counts less
_HIDDEN: Final = 0.5  # of what is nearby
_FRAME: Final = 0.55  # of a row or column at the picture's margin
_WINDOW: Final = 1 / 12  # of the shorter side: how far light and stains are even


def lab_of(pixels: Pixels) -> npt.NDArray[np.float32]:
    """L 0 to 100, a, b of a picture, by OpenCV."""
    found = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    return np.asarray(found, np.float32)


def ground_of(colours: npt.NDArray[np.float32]) -> Inside:
    """Where the ground is: near the commonest colour away from the picture's rim."""
    height, width = colours.shape[:2]
    rim = (height // 12, width // 12)
    inner = colours[rim[0] : height - rim[0] or None, rim[1] : width - rim[1] or None].reshape(-1, 3)
    cells = np.floor((inner + np.array([0, 128, 128], np.float32)) / _CELL).astype(np.int64)
    count = np.bincount(cells[:, 0] * 1024 + cells[:, 1] * 32 + cells[:, 2])
    commonest = cells[:, 0] * 1024 + cells[:, 1] * 32 + cells[:, 2] == int(count.argmax())
    middle = inner[commonest].mean(0, dtype=np.float64).astype(np.float32)
    return distance(colours, middle) < _NEAR


def distance(colours: npt.NDArray[np.float32], ground: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How far colours are from the ground's, lightness counting less."""
    apart = colours - ground
    found: npt.NDArray[np.float32] = np.sqrt(
        (_LIGHTNESS * apart[..., 0]) ** 2 + apart[..., 1] ** 2 + apart[..., 2] ** 2
    )
    return found


def on_ground(colours: npt.NDArray[np.float32], ground: Inside) -> Inside:
    """What differs from the ground around it."""
    window = 2 * int(min(ground.shape) * _WINDOW) + 1
    weight = ground.astype(np.float32)
    share = np.maximum(cv2.blur(weight, (window, window)), 1e-3)
    near = cv2.blur(colours * weight[..., None], (window, window)) / share[..., None]
    usual = (colours * weight[..., None]).sum((0, 1), dtype=np.float64) / max(1.0, float(weight.sum()))
    near = np.where(share[..., None] > 0.02, near, usual.astype(np.float32))
    differs = distance(colours, near.astype(np.float32)) > _DIFFERENT
    # Amid something large there is no ground nearby to compare with.
    found: Inside = differs | (~ground & (share < _HIDDEN))
    return found


def without_frame(inside: Inside) -> Inside:
    """Without the table around a sheet or the walls around a drawer: what fills the picture's margins."""
    kept = inside.copy()
    for turned in (kept, kept.T):
        filled = turned.mean(1) > _FRAME
        for rows in (slice(None), slice(None, None, -1)):
            margin = int(np.argmin(filled[rows])) if not filled.all() else 0
            if 0 < margin < len(filled) // 4:
                turned[rows][: margin + 2] = False
    return kept
