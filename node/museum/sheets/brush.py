"""A transparent layer to draw on with smooth edges: everything is drawn at twice the size and then halved."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from node.museum.sheets.colour import Colour, shade
from node.museum.sheets.geometry import Point, ellipse, ribbon

SCALE = 2


class Brush:
    """Draws polygons and strokes in picture pixels onto a layer of its own.

    Args:
        size: Width and height of the layer in picture pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._layer = Image.new("RGBA", (size[0] * SCALE, size[1] * SCALE))
        self._draw = ImageDraw.Draw(self._layer)

    def finished(self) -> Image.Image:
        """Give the layer (RGBA) at picture size."""
        width, height = self._layer.size
        out = Image.new("RGBA", (width // SCALE, height // SCALE))
        extent = self._layer.getbbox()
        if extent is not None:
            left, top = (edge // SCALE for edge in extent[:2])
            drawn = self._layer.crop((left * SCALE, top * SCALE, *extent[2:]))
            # Premultiplied while it shrinks: otherwise edges pick up the black of transparent pixels.
            out.paste(drawn.convert("RGBa").reduce(SCALE).convert("RGBA"), (left, top))
        return out

    def shape(
        self,
        outline: Sequence[Point],
        fill: Colour,
        edge: float | None = 0.72,
        width: float = 1.0,
        alpha: int = 255,
    ) -> None:
        """Fill an outline; `edge` darkens its rim, None leaves it out. Clear wings have a low alpha."""
        points = [(x * SCALE, y * SCALE) for x, y in outline]
        self._draw.polygon(points, fill=(*fill, alpha))
        if edge is not None:
            rim = (*shade(fill, edge), 255)
            self._draw.line([*points, points[0]], fill=rim, width=max(1, round(width * SCALE / 2)))

    def line(self, path: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a thin line of even width."""
        points = [(x * SCALE, y * SCALE) for x, y in path]
        self._draw.line(points, fill=(*colour, 255), width=max(1, round(width * SCALE)), joint="curve")

    def stroke(self, path: Sequence[Point], colour: Colour, start: float, end: float) -> None:
        """Draw a stroke that tapers from one width to another, lit from the left as a round stem is."""
        self.shape(ribbon(path, lambda t: (start + (end - start) * t) / 2), colour, 0.68)
        if start > 3:
            lit = tuple((x - start * 0.16, y) for x, y in path)
            self.shape(ribbon(lit, lambda t: (start + (end - start) * t) * 0.13), shade(colour, 1.16), None)

    def dot(self, centre: Point, radius: float, colour: Colour, edge: float | None = 0.75) -> None:
        """Draw a disc."""
        self.shape(ellipse(centre, radius, steps=16 if radius < 12 else 40), colour, edge)

    def solid(self, outline: Sequence[Point], colour: Colour, shine: float = 0.55, steps: int = 9) -> None:
        """Fill an outline as a bulging body lit from the upper left: dark at the rim, light near the top."""
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        cx = 0.62 * min(xs) + 0.38 * max(xs)
        cy = 0.68 * min(ys) + 0.32 * max(ys)
        for step in range(steps):
            size = 1 - step / steps
            lit = shade(colour, 0.6 + shine * step / (steps - 1))
            inner = [(cx + (x - cx) * size, cy + (y - cy) * size) for x, y in outline]
            self.shape(inner, lit, 0.6 if step == 0 else None)
