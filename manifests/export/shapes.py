"""Regions as boxes and polygons, in whole pixels of the upright image."""

from __future__ import annotations

from manifests.dataset.member import Region

Box = tuple[int, int, int, int]


def box_of(region: Region) -> Box:
    """Left, top, width and height: the region's own, or those of its polygon."""
    if region.box is not None:
        return region.box
    across, down = [x for x, _ in region.polygon], [y for _, y in region.polygon]
    return min(across), min(down), max(across) - min(across), max(down) - min(down)


def area_of(region: Region) -> int | float:
    """In square pixels: of the polygon by Gauss's formula, else of the box."""
    if not region.polygon:
        _, _, width, height = box_of(region)
        return width * height
    corners = region.polygon
    following = (*corners[1:], corners[0])
    twice = abs(sum(x * down - across * y for (x, y), (across, down) in zip(corners, following, strict=True)))
    return twice // 2 if twice % 2 == 0 else twice / 2
