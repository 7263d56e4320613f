"""Regions of a picture, in whole pixels of the upright image, each with one written form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from analyzers.errors import MalformedRegion

MOST_POINTS: Final = 4_096
MOST_RUNS: Final = 100_000
_WHOLE = r"(?:0|[1-9][0-9]{0,8})"
_BOX: Final = re.compile(rf"xywh=pixel:({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE})", re.ASCII)
_POINT: Final = re.compile(rf"point=pixel:({_WHOLE}),({_WHOLE})", re.ASCII)
_POLYGON: Final = re.compile(rf"polygon=pixel:({_WHOLE},{_WHOLE}(?: {_WHOLE},{_WHOLE}){{2,}})", re.ASCII)
_RUNS: Final = rf"{_WHOLE}(?: [1-9][0-9]{{0,8}})*"
_MASK: Final = re.compile(rf"mask=pixel:({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE});({_RUNS})", re.ASCII)
_GRID: Final = re.compile(rf"grid=([1-9][0-9]{{0,3}})x([1-9][0-9]{{0,3}});({_RUNS})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle from its upper left corner on; written as a media fragment (W3C Media Fragments 1.0)."""

    x: int
    y: int
    width: int
    height: int

    @property
    def text(self) -> str:
        """`xywh=pixel:10,20,300,400`."""
        return f"xywh=pixel:{self.x},{self.y},{self.width},{self.height}"

    @property
    def bounds(self) -> Box:
        """The smallest rectangle around it."""
        return self


@dataclass(frozen=True, slots=True)
class Point:
    """One pixel."""

    x: int
    y: int

    @property
    def text(self) -> str:
        """`point=pixel:10,20`."""
        return f"point=pixel:{self.x},{self.y}"

    @property
    def bounds(self) -> Box:
        """The pixel as a rectangle."""
        return Box(self.x, self.y, 1, 1)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed outline; its last point is joined to its first."""

    points: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """`polygon=pixel:10,20 30,20 30,40`."""
        return "polygon=pixel:" + " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def bounds(self) -> Box:
        """The smallest rectangle around it; a pixel at its right and lower edge belongs to it."""
        across, down = zip(*self.points, strict=True)
        left, top = min(across), min(down)
        return Box(left, top, max(across) - left + 1, max(down) - top + 1)


@dataclass(frozen=True, slots=True)
class Mask:
    """Pixels of a rectangle, row by row: how many are outside, then inside, then outside, and so on."""

    box: Box
    runs: tuple[int, ...]

    @property
    def text(self) -> str:
        """`mask=pixel:10,20,3,2;1 2 3`."""
        return self.box.text.replace("xywh", "mask") + ";" + " ".join(map(str, self.runs))

    @property
    def bounds(self) -> Box:
        """Its rectangle."""
        return self.box


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a grid over the whole picture, row by row, in runs as those of a mask."""

    columns: int
    rows: int
    runs: tuple[int, ...]

    @property
    def text(self) -> str:
        """`grid=4x2;1 2 5`."""
        return f"grid={self.columns}x{self.rows};" + " ".join(map(str, self.runs))

    @property
    def bounds(self) -> None:
        """None: it spans the whole picture, whatever its size."""
        return


Region: TypeAlias = Box | Point | Polygon | Mask | Grid


def parse_region(text: str) -> Region:
    """Read a region.

    Raises:
        MalformedRegion: The text is no region, is written in another way, is too long, or encloses nothing.
    """
    region = _read(text)
    if region is None or region.text != text:
        shown = text if len(text) <= 60 else text[:60] + "…"
        raise MalformedRegion(
            f"{shown!r} is no region. A rectangle is written xywh=pixel:X,Y,WIDTH,HEIGHT in whole pixels of "
            "the upright image; spec/analyzers.md has the other forms."
        )
    _check(region)
    return region


def _read(text: str) -> Region | None:
    if found := _BOX.fullmatch(text):
        return Box(*map(int, found.groups()))
    if found := _POINT.fullmatch(text):
        return Point(*map(int, found.groups()))
    if found := _POLYGON.fullmatch(text):
        pairs = (pair.split(",") for pair in found[1].split(" "))
        return Polygon(tuple((int(x), int(y)) for x, y in pairs))
    if found := _MASK.fullmatch(text):
        return Mask(Box(*map(int, found.groups()[:4])), _runs(found[5]))
    if found := _GRID.fullmatch(text):
        return Grid(int(found[1]), int(found[2]), _runs(found[3]))
    return None


def _runs(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(" ")))


def _check(region: Region) -> None:
    match region:
        case Box(_, _, width, height):
            _want(width > 0 and height > 0, "encloses no pixel")
        case Polygon(points):
            _want(len(points) <= MOST_POINTS, f"has more than {MOST_POINTS} points")
        case Mask(box, runs):
            _check(box)
            _check_runs(runs, box.width * box.height)
        case Grid(columns, rows, runs):
            _check_runs(runs, columns * rows)


def _check_runs(runs: tuple[int, ...], cells: int) -> None:
    _want(len(runs) <= MOST_RUNS, f"has more than {MOST_RUNS} runs")
    _want(sum(runs) == cells, f"has runs over {sum(runs)} cells, where it has {cells}")


def _want(right: bool, otherwise: str) -> None:
    if not right:
        raise MalformedRegion(f"A region {otherwise}.")
