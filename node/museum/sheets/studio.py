"""What a digitisation studio lays beside every specimen: barcode, ruler, colour checker, stamp."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from barcode import Code128
from PIL import Image, ImageDraw, ImageFilter

from node.museum.sheets.colour import Colour
from node.museum.sheets.geometry import Point
from node.museum.sheets.lettering import face
from node.museum.sheets.scene import Piece, outline, rectangle
from node.museum.sheets.truth import Region, box_of

Place = Callable[[Point], Point]

# The 24 patches of the classic checker, by row, in sRGB (D65) as published by its maker before November 2014.
PATCHES: tuple[tuple[str, Colour], ...] = (
    ("dark skin", (115, 82, 68)),
    ("light skin", (194, 150, 130)),
    ("blue sky", (98, 122, 157)),
    ("foliage", (87, 108, 67)),
    ("blue flower", (133, 128, 177)),
    ("bluish green", (103, 189, 170)),
    ("orange", (214, 126, 44)),
    ("purplish blue", (80, 91, 166)),
    ("moderate red", (193, 90, 99)),
    ("purple", (94, 60, 108)),
    ("yellow green", (157, 188, 64)),
    ("orange yellow", (224, 163, 46)),
    ("blue", (56, 61, 150)),
    ("green", (70, 148, 73)),
    ("red", (175, 54, 60)),
    ("yellow", (231, 199, 31)),
    ("magenta", (187, 86, 149)),
    ("cyan", (8, 133, 161)),
    ("white", (243, 243, 242)),
    ("neutral 8", (200, 200, 200)),
    ("neutral 6.5", (160, 160, 160)),
    ("neutral 5", (122, 122, 121)),
    ("neutral 3.5", (85, 85, 85)),
    ("black", (52, 52, 52)),
)


def barcode(text: str, owner: str, module: int = 2) -> Piece:
    """Print a Code 128 sticker.

    Args:
        text: What the bars say, also printed below them.
        owner: Small line above the bars.
        module: Width of the narrowest bar in pixels.
    """
    bars = Code128(text).build()[0]
    quiet, tall = 11 * module, 26 * module
    width, height = len(bars) * module + 2 * quiet, tall + 27 * module
    image = Image.new("RGBA", (width, height), (252, 252, 250, 255))
    draw = ImageDraw.Draw(image)
    top = 11 * module
    for index, bar in enumerate(bars):
        if bar == "1":
            left = quiet + index * module
            draw.rectangle((left, top, left + module - 1, top + tall), fill=(18, 18, 20))
    draw.text((width / 2, top / 2 + 1), owner, (20, 20, 20), face("regular", 8 * module), anchor="mm")
    draw.text(
        (width / 2, top + tall + 8 * module), text, (20, 20, 20), face("typewriter", 10 * module), anchor="mm"
    )

    def describe(place: Place) -> tuple[Region, ...]:
        corners = tuple(map(place, outline(width, height)))
        return (Region("barcode", corners, {"symbology": "Code 128", "text": text}),)

    return Piece(image, describe)


def ruler(pixels_per_mm: float, centimetres: int, title: str, height: int = 62) -> Piece:
    """Print a black ruler with millimetre and centimetre ticks along its upper edge, zero at the left."""
    finer = 4
    margin = 26
    length = pixels_per_mm * centimetres * 10
    width = round(length) + 2 * margin
    draft = Image.new("RGB", (width * finer, height), (22, 22, 24))
    draw = ImageDraw.Draw(draft)
    pale = (236, 236, 232)
    for mm in range(centimetres * 10 + 1):
        x = (margin + mm * pixels_per_mm) * finer
        tall = 24 if mm % 10 == 0 else 17 if mm % 5 == 0 else 10
        half = (0.7 if mm % 10 == 0 else 0.5) * finer * max(1.0, pixels_per_mm / 12)
        draw.rectangle((x - half, 2, x + half, 2 + tall), fill=pale)
    image = draft.resize((width, height), Image.Resampling.BOX).convert("RGBA")
    draw = ImageDraw.Draw(image)
    for cm in range(centimetres + 1):
        x = margin + cm * 10 * pixels_per_mm
        draw.text((x, 37), str(cm), pale, face("bold", 16), anchor="mm")
    draw.text((width / 2, height - 10), title, pale, face("regular", 13), anchor="mm")
    draw.text((margin, height - 10), "cm", pale, face("regular", 13), anchor="mm")

    def describe(place: Place) -> tuple[Region, ...]:
        zero, end = place((margin, 2)), place((margin + length, 2))
        known = {
            "pixelsPerMm": f"{pixels_per_mm:.4f}",
            "lengthMm": centimetres * 10,
            "zero": [round(zero[0]), round(zero[1])],
            "end": [round(end[0]), round(end[1])],
        }
        return (Region("ruler", tuple(map(place, outline(width, height))), known),)

    return Piece(image, describe)


def checker(patch: int, columns: int = 6) -> Piece:
    """Print a colour checker of 24 patches, each `patch` pixels square: 6 columns, or 12 as a strip."""
    gap, rim = max(3, patch // 7), max(6, patch // 4)
    rows = len(PATCHES) // columns
    width = columns * (patch + gap) - gap + 2 * rim
    height = rows * (patch + gap) - gap + 2 * rim
    image = Image.new("RGBA", (width, height), (24, 24, 26, 255))
    draw = ImageDraw.Draw(image)
    spots = []
    for index, (name, colour) in enumerate(PATCHES):
        row, column = divmod(index, columns)
        left, top = rim + column * (patch + gap), rim + row * (patch + gap)
        draw.rectangle((left, top, left + patch - 1, top + patch - 1), fill=colour)
        spots.append((name, colour, rectangle(left, top, left + patch, top + patch)))

    def describe(place: Place) -> tuple[Region, ...]:
        patches = [
            {"name": name, "sRGB": list(colour), "box": box_of([place(corner) for corner in corners])}
            for name, colour, corners in spots
        ]
        known = {"patches": patches}
        return (Region("colourChecker", tuple(map(place, outline(width, height))), known),)

    return Piece(image, describe)


def stamp(words: tuple[str, str], chance: Random, colour: Colour = (92, 58, 120), radius: int = 62) -> Piece:
    """Stamp an oval with two lines, in ink that did not take everywhere."""
    size = (radius * 2 + 4, int(radius * 1.24) + 4)
    finer = 2
    ink = Image.new("L", (size[0] * finer, size[1] * finer))
    draw = ImageDraw.Draw(ink)
    for inset, width in ((2, 5), (12, 2)):
        draw.ellipse((inset, inset, ink.width - inset, ink.height - inset), outline=235, width=width)
    middle = (ink.width / 2, ink.height / 2)
    draw.text((middle[0], middle[1] - 17), words[0], 235, face("bold", 34), anchor="mm")
    draw.text((middle[0], middle[1] + 20), words[1], 235, face("regular", 23), anchor="mm")
    ink = ink.reduce(finer)
    wear = Image.frombytes(
        "L", size, bytes(chance.choices((255, 225, 190, 90), (5, 4, 3, 2), k=size[0] * size[1]))
    )
    worn = Image.composite(ink, Image.new("L", size), wear.filter(ImageFilter.BoxBlur(0.6)))
    image = Image.new("RGBA", size, (*colour, 255))
    image.putalpha(worn.point(lambda value: int(value * 0.8)))

    def describe(place: Place) -> tuple[Region, ...]:
        return (Region("stamp", tuple(map(place, outline(*size))), {"text": " ".join(words)}),)

    return Piece(image, describe)
