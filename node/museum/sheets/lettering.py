"""Type and handwriting; all faces come with Python packages, so that every machine draws the same."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from io import BytesIO
from random import Random
from typing import Any

from HersheyFonts import HersheyFonts
from PIL import Image, ImageFont

from node.museum.sheets.brush import Brush
from node.museum.sheets.colour import INK, Colour
from node.museum.sheets.geometry import Point

Font = ImageFont.FreeTypeFont
_FACES = {
    "regular": ("font_caladea", "files/Caladea-Regular.ttf"),
    "bold": ("font_caladea", "files/Caladea-Bold.ttf"),
    "italic": ("font_caladea", "files/Caladea-Italic.ttf"),
    "bold-italic": ("font_caladea", "files/Caladea-BoldItalic.ttf"),
    "typewriter": ("barcode", "fonts/DejaVuSansMono.ttf"),
}


_SPELT = str.maketrans({"Þ": "Th", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "ß": "ss"})


@cache
def face(name: str, size: int) -> Font:
    """Open a type face: regular, bold, italic, bold-italic or typewriter; size in pixels."""
    package, path = _FACES[name]
    data = BytesIO(files(package).joinpath(path).read_bytes())
    # The basic layout engine is in every Pillow; raqm is not, and places glyphs a little differently.
    return ImageFont.truetype(data, size, layout_engine=ImageFont.Layout.BASIC)


def printable(text: str) -> str:
    """Write text with the letters that the museum's type case holds: Latin ones."""
    kept = "".join(letter for letter in text.replace("ș", "ş") if ord(letter) < 0x3000)
    return kept.replace("( )", "").replace("()", "").strip()


def handwriting(
    text: str, height: float, chance: Random, colour: Colour = INK, pen: float = 1.5
) -> Image.Image:
    """Write text by hand with a pen, a little unevenly.

    Args:
        text: What to write; letters lose their accents.
        height: Height of a capital in pixels.
        chance: Decides how uneven.
        colour: Colour of the ink.
        pen: Width of the line in pixels.

    Returns:
        The writing on transparent ground, cut to its size.
    """
    spelt = text.translate(_SPELT)
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    strokes = _strokes(plain, height, chance)
    xs = [x for stroke in strokes for x, _ in stroke] or [0.0]
    ys = [y for stroke in strokes for _, y in stroke] or [0.0]
    brush = Brush((int(max(xs) - min(xs) + 4 * pen) + 4, int(max(ys) - min(ys) + 4 * pen) + 4))
    for stroke in strokes:
        path = [(x - min(xs) + 2 * pen, y - min(ys) + 2 * pen) for x, y in stroke]
        brush.line(path, colour, pen * chance.uniform(0.85, 1.2))
    return brush.finished()


def _strokes(text: str, height: float, chance: Random) -> list[list[Point]]:
    pen = _hershey()
    scale = height / 21
    slant, drift = chance.uniform(0.12, 0.28), chance.uniform(-0.012, 0.012)
    strokes = []
    for raw in pen.strokes_for_text(text):
        dx, dy = chance.gauss(0, 0.35), chance.gauss(0, 0.5)
        stroke = [
            ((x + dx - y * slant) * scale, (y + dy + x * drift) * scale)
            for x, y in ((p[0], p[1] + chance.gauss(0, 0.12)) for p in raw)
        ]
        if len(stroke) > 1:
            strokes.append(stroke)
    return strokes


@cache
def _hershey() -> Any:
    pen = HersheyFonts()
    pen.load_default_font("scripts")
    return pen
