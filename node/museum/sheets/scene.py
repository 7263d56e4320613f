"""The picture while it is being made: things are laid onto it, and each says where it came to lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageFilter, ImageOps

from node.museum.sheets.geometry import Point
from node.museum.sheets.truth import Region


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to lay down: its picture (RGBA, unturned) and what is true of it, in its own pixels.

    `describe` is given the map from the piece's pixels to the picture's, once the piece has its place.
    """

    image: Image.Image
    describe: Callable[[Callable[[Point], Point]], tuple[Region, ...]]


class Scene:
    """A picture with its regions."""

    def __init__(self, background: Image.Image) -> None:
        self.picture = background.convert("RGB")
        self.regions: list[Region] = []
        self.mask = Image.new("1", background.size)

    def lay(self, piece: Piece, at: Point, degrees: float = 0.0, shadow: float = 0.35) -> None:
        """Lay a piece with its upper left corner at a point, turned about its middle (anticlockwise)."""
        width, height = piece.image.size
        x, y = round(at[0]), round(at[1])
        turned = piece.image
        if degrees:
            # A clear rim lets the turned edge come out smooth.
            rimmed = ImageOps.expand(piece.image, 2, (0, 0, 0, 0))
            turned = rimmed.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
            x -= (turned.width - width) // 2
            y -= (turned.height - height) // 2
        self._drop(turned, (x, y), shadow)
        middle = (x + turned.width / 2, y + turned.height / 2)
        self.regions.extend(piece.describe(_turning((width / 2, height / 2), middle, degrees)))

    def mount(self, layer: Image.Image, truth_mask: str, shadow: float = 0.5, depth: int = 4) -> None:
        """Lay the specimen itself: a layer (RGBA) of the picture's size; its alpha becomes the mask."""
        extent = layer.getbbox() or (0, 0, 1, 1)
        self._drop(layer.crop(extent), extent[:2], shadow, depth)
        self.mask = layer.getchannel("A").point(lambda value: 255 if value > 127 else 0).convert("1")
        left, top, right, bottom = self.mask.getbbox() or (0, 0, 1, 1)
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        self.regions.append(Region("specimen", corners, {"mask": truth_mask}))

    def _drop(self, image: Image.Image, at: tuple[int, int], shadow: float, depth: int = 3) -> None:
        if shadow:
            cast = image.getchannel("A").point(lambda value: int(value * shadow))
            cast = _padded(cast, 4 * depth).filter(ImageFilter.BoxBlur(depth))
            spot = (at[0] - 4 * depth + depth, at[1] - 4 * depth + depth + 1)
            self.picture.paste((52, 44, 34), spot, cast)
        self.picture.paste(image, at, image)


def outline(width: float, height: float) -> tuple[Point, ...]:
    """Give the corners of a piece."""
    return ((0, 0), (width, 0), (width, height), (0, height))


def rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    """Give the corners of a part of a piece."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _padded(alpha: Image.Image, margin: int) -> Image.Image:
    out = Image.new("L", (alpha.width + 2 * margin, alpha.height + 2 * margin))
    out.paste(alpha, (margin, margin))
    return out


def _turning(centre: Point, middle: Point, degrees: float) -> Callable[[Point], Point]:
    cos, sin = math.cos(math.radians(-degrees)), math.sin(math.radians(-degrees))

    def turn(point: Point) -> Point:
        x, y = point[0] - centre[0], point[1] - centre[1]
        return (middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos)

    return turn
