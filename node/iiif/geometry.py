"""Where the pixels of an upright picture lie in what is stored: turned, and halved some times. Pure."""

from __future__ import annotations

from node.iiif.plan import Box

# Orientations of EXIF whose stored rows are columns of the picture.
SIDEWAYS = (5, 6, 7, 8)


def stored_box(box: Box, orientation: int, width: int, height: int) -> Box:
    """Where a part of an upright picture lies in its stored pixels.

    Args:
        box: The part.
        orientation: EXIF's Orientation, 1 to 8.
        width: Of the stored picture.
        height: The same.
    """
    x, y, wide, high = box.left, box.top, box.width, box.height
    if orientation in SIDEWAYS:
        x, y, wide, high = y, x, high, wide
    if orientation in (2, 3, 7, 8):
        x = width - x - wide
    if orientation in (3, 4, 6, 7):
        y = height - y - high
    return Box(x, y, wide, high)


def level_for(box: Box, width: int, height: int, levels: int) -> int:
    """The smallest of several versions, each half as wide as the one before, that need not be enlarged.

    What halving has left over does not count: a version may have a pixel less than is wanted.

    Args:
        box: The part of the stored picture.
        width: What it becomes, in the direction of the stored rows.
        height: The same.
        levels: How many versions there are.
    """
    level = 0
    while (
        level + 1 < levels
        and -(-box.width >> (level + 1)) >= width
        and -(-box.height >> (level + 1)) >= height
    ):
        level += 1
    return level


def level_box(box: Box, level: int, width: int, height: int) -> Box:
    """Where a part of the stored picture lies in a version of it.

    Args:
        box: The part.
        level: How often the version was halved.
        width: Of the version, which may lack what was left over in halving.
        height: The same.
    """
    left, right = _span(box.left, box.width, level, width)
    top, bottom = _span(box.top, box.height, level, height)
    return Box(left, top, right - left, bottom - top)


def _span(start: int, length: int, level: int, most: int) -> tuple[int, int]:
    first = min(start >> level, most - 1)
    last = min(-(-(start + length) >> level), most)
    return first, max(last, first + 1)
