"""From a request and the size of a picture to what exactly is cut, scaled and turned. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from node.errors import MalformedImageRequest
from node.iiif.request import Format, ImageRequest, Quality, Region, RegionForm, Size, SizeForm, Version


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, counted from the upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a picture may be that is sent.

    Attributes:
        side: Pixels of width, and of height.
        area: Pixels.
    """

    side: int
    area: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of a picture.

    Attributes:
        box: The part, in pixels of the upright picture.
        width: Of what is made before it is turned, in pixels.
        height: The same.
        mirrored: Whether it is mirrored at its vertical axis then.
        turn: Degrees by which it is turned clockwise after that.
        quality: In which colours.
        format: In which format.
    """

    box: Box
    width: int
    height: int
    mirrored: bool
    turn: Fraction
    quality: Quality
    format: Format


def plan(request: ImageRequest, width: int, height: int, limits: Limits) -> Plan:
    """Work a request out.

    Args:
        request: What is asked for.
        width: Of the upright picture.
        height: The same.
        limits: How large what is sent may be.

    Raises:
        MalformedImageRequest: The picture has no such part, or it may not be so large.
    """
    box = _box(request.region, width, height)
    to_width, to_height = _scaled(request.version, request.size, box, limits)
    quality = Quality.DEFAULT if request.quality is Quality.COLOR else request.quality
    return Plan(box, to_width, to_height, request.mirrored, request.turn, quality, request.format)


def canonical(made: Plan, version: Version, width: int, height: int, limits: Limits) -> str:
    """The path behind the identifier by which every request for the same thing should be made.

    Args:
        made: The plan.
        version: In whose words.
        width: Of the upright picture.
        height: The same.
        limits: How large what is sent may be.
    """
    whole = made.box == Box(0, 0, width, height)
    region = "full" if whole else ",".join(map(str, _edges(made.box)))
    size = (_size_3 if version is Version.THREE else _size_2)(made, limits)
    turn = f"{'!' if made.mirrored else ''}{decimal(made.turn)}"
    return f"{region}/{size}/{turn}/{made.quality}.{made.format}"


def decimal(number: Fraction) -> str:
    """A number of at most nine decimal places, without zeros that say nothing."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{exact:.9f}".rstrip("0").rstrip(".")


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.width, box.height


def _size_3(made: Plan, limits: Limits) -> str:
    larger = made.width > made.box.width or made.height > made.box.height
    if (made.width, made.height) == largest(made.box, limits, upscaled=larger):
        return "^max" if larger else "max"
    return f"{'^' if larger else ''}{made.width},{made.height}"


def _size_2(made: Plan, limits: Limits) -> str:
    if (made.width, made.height) == (made.box.width, made.box.height):
        return "full"
    if made.height == _proportional(made.box.height, made.width, made.box.width):
        return f"{made.width},"
    return f"{made.width},{made.height}"


def _box(region: Region, width: int, height: int) -> Box:
    if region.form is RegionForm.FULL:
        return Box(0, 0, width, height)
    if region.form is RegionForm.SQUARE:
        side = min(width, height)
        return Box((width - side) // 2, (height - side) // 2, side, side)
    left, top, wide, high = region.box
    if region.form is RegionForm.PERCENT:
        left, wide = left * width / 100, wide * width / 100
        top, high = top * height / 100, high * height / 100
    if left >= width or top >= height:
        raise MalformedImageRequest(
            f"The region lies outside the image, which has {width} x {height} pixels."
        )
    x, y = min(_nearest(left), width - 1), min(_nearest(top), height - 1)
    return Box(x, y, min(max(1, _nearest(wide)), width - x), min(max(1, _nearest(high)), height - y))


def _scaled(version: Version, size: Size, box: Box, limits: Limits) -> tuple[int, int]:
    if size.form is SizeForm.MAX:
        return largest(box, limits, upscaled=size.upscaled)
    if size.form is SizeForm.CONFINED:
        return _confined(version, size, box, limits)
    width, height = _named(size, box)
    if version is Version.THREE and not size.upscaled and (width > box.width or height > box.height):
        raise MalformedImageRequest(
            f"The region has {box.width} x {box.height} pixels; a size beyond that must begin with ^."
        )
    if width > limits.side or height > limits.side or width * height > limits.area:
        raise MalformedImageRequest(
            f"At most {limits.area} pixels are sent, and {limits.side} on a side; info.json says so."
        )
    return width, height


def _named(size: Size, box: Box) -> tuple[int, int]:
    match size.form:
        case SizeForm.WIDTH:
            return size.width, _proportional(box.height, size.width, box.width)
        case SizeForm.HEIGHT:
            return _proportional(box.width, size.height, box.height), size.height
        case SizeForm.PERCENT:
            share = size.percent / 100
            return max(1, _nearest(box.width * share)), max(1, _nearest(box.height * share))
        case SizeForm.FULL:
            return box.width, box.height
        case _:
            return size.width, size.height


def _confined(version: Version, size: Size, box: Box, limits: Limits) -> tuple[int, int]:
    """As large as fits into a frame; the validator of the consortium refuses a frame around the region."""
    beyond = size.width > box.width and size.height > box.height
    if beyond and version is Version.THREE and not size.upscaled:
        raise MalformedImageRequest(
            f"The region has {box.width} x {box.height} pixels; a size beyond that must begin with ^."
        )
    most = largest(box, limits, upscaled=size.upscaled)
    width, height = min(size.width, most[0]), min(size.height, most[1])
    if width * box.height <= height * box.width:
        return width, min(height, _proportional(box.height, width, box.width))
    return min(width, _proportional(box.width, height, box.height)), height


def largest(box: Box, limits: Limits, *, upscaled: bool = False) -> tuple[int, int]:
    """The largest size in which a part is sent, in its proportions.

    Args:
        box: The part.
        limits: How large it may be.
        upscaled: Whether it may have more pixels than the part.
    """
    fits = box.width <= limits.side and box.height <= limits.side and box.width * box.height <= limits.area
    if fits and not upscaled:
        return box.width, box.height
    scale = min(
        limits.side / box.width, limits.side / box.height, math.sqrt(limits.area / (box.width * box.height))
    )
    width = min(max(1, int(box.width * scale)), limits.side)
    height = min(max(1, int(box.height * scale)), limits.side)
    return width, min(height, max(1, limits.area // width))


def _proportional(other: int, side: int, of: int) -> int:
    """What the other side becomes when a side `of` becomes `side`: to the nearest pixel, at least one."""
    return max(1, _nearest(Fraction(other * side, of)))


def _nearest(number: Fraction) -> int:
    return math.floor(number + Fraction(1, 2))
