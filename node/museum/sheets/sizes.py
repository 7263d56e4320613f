"""How large each kind of picture is, in pixels."""

from __future__ import annotations

SHEET_SIZE = (1200, 1800)
TRAY_SIZE = (1600, 1200)


def picture_size(collection: str) -> tuple[int, int]:
    """Give width and height of the pictures of a collection: herbarium sheets stand upright, the rest lie."""
    return SHEET_SIZE if collection == "HERB" else TRAY_SIZE
