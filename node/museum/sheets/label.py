"""Labels: printed ones, slips that a later hand added, and the strip that hides what is withheld."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

from node.museum.catalogue import INSTITUTION, Specimen
from node.museum.sheets.colour import Colour
from node.museum.sheets.geometry import Point
from node.museum.sheets.lettering import face, handwriting, printable
from node.museum.sheets.scene import Piece, outline, rectangle
from node.museum.sheets.texture import surface
from node.museum.sheets.truth import Region, box_of

_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_COVERED = "locality covered for the picture"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label: what it says, in which face and size, and whether it stands in the middle."""

    text: str
    face: str = "regular"
    size: int = 18
    centred: bool = False
    gap: int = 0
    by_hand: bool = False


def sheet_label(specimen: Specimen, width: int, chance: Random) -> Piece:
    """Print the label of a herbarium sheet."""
    facts = specimen.pictured
    typed = chance.random() < 0.4
    plain = "typewriter" if typed else "regular"
    size = 15 if typed else 18
    body = [Line(part, plain, size) for part in _wrapped(_locality(specimen), plain, size, width - 48)]
    if facts["withheld"]:
        body.append(Line(_COVERED, plain, size))
    collector = f"leg. {printable(facts['recordedBy'])}  {'no. ' + facts['recordNumber']}"
    lines = [
        Line(INSTITUTION.upper(), "bold", 19, centred=True),
        Line("Herbarium (MDS)", "regular", 15, centred=True, gap=8),
        Line(facts["family"].upper(), "regular", 14),
        Line(f"{facts['scientificName']} {facts['authorship']}", "bold-italic", 23, gap=6),
        *body,
        Line(facts["habitat"] + _height(facts["elevation"]), plain, size, gap=6),
        Line(collector, plain, size),
        Line(label_date(facts["eventDate"]), plain, size),
    ]
    return _printed("label", lines, width, chance, (250, 246, 232))


def pin_labels(specimen: Specimen, width: int, chance: Random) -> tuple[Piece, Piece]:
    """Print the two small labels of a pin: where and when, and what."""
    facts = specimen.pictured
    place = f"{facts['country'].upper()}: {facts['stateProvince']}, {facts['locality']}"
    where = [Line(part, "regular", 25) for part in _wrapped(place, "regular", 25, width - 44)]
    found = Line(f"{label_date(facts['eventDate'])}   leg. {printable(facts['recordedBy'])}", "regular", 25)
    name = [
        Line(facts["scientificName"], "italic", 30),
        Line(facts["authorship"], "regular", 24),
        Line(f"coll. {INSTITUTION}", "regular", 21),
    ]
    white: Colour = (250, 249, 244)
    return (
        _printed("label", [*where, found], width, chance, white, border=True),
        _printed("label", name, width, chance, white, border=True),
    )


def slip(lines: Sequence[str], width: int, chance: Random) -> Piece:
    """Write the slip that says what was done to the specimen later: the first line by hand."""
    first, *rest = lines
    written = [Line(first, size=15, by_hand=True), *(Line(line, "regular", 16) for line in rest)]
    return _printed("annotation", written, width, chance, (246, 240, 196))


def note(text: str, height: float, chance: Random) -> Piece:
    """Write a note straight onto the sheet by hand."""
    image = handwriting(text, height, chance)

    def describe(place: Callable[[Point], Point]) -> tuple[Region, ...]:
        return (Region("handwriting", tuple(map(place, outline(*image.size))), {"text": text}),)

    return Piece(image, describe)


def label_date(date: str) -> str:
    """Write an ISO date as collectors do: 14.V.1887; a month or year alone stays what it is."""
    parts = date.split("-")
    if len(parts) < 2:
        return date
    month = _MONTHS[int(parts[1]) - 1]
    return ".".join([str(int(parts[2])), month, parts[0]] if len(parts) == 3 else [month, parts[0]])


def _locality(specimen: Specimen) -> str:
    facts = specimen.pictured
    place = ", ".join(part for part in (facts["country"], facts["stateProvince"], facts["locality"]) if part)
    if facts["latitude"]:
        north, east = float(facts["latitude"]), float(facts["longitude"])
        place += f". {abs(north):.3f}°{'NS'[north < 0]} {abs(east):.3f}°{'EW'[east < 0]}"
    return printable(place)


def _height(metres: str) -> str:
    return f", {metres} m" if metres else ""


def _wrapped(text: str, kind: str, size: int, width: int) -> list[str]:
    font, lines = face(kind, size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _printed(
    kind: str,
    lines: Sequence[Line],
    width: int,
    chance: Random,
    paper: Colour,
    border: bool = False,
) -> Piece:
    pitch = [round(line.size * 1.34) + line.gap for line in lines]
    height = sum(pitch) + 34
    image = surface((width, height), paper, f"{kind}{lines[-1].text}", 1.6, 1.6).convert("RGBA")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(206, 198, 176, 255))
    if border:
        draw.rectangle((5, 5, width - 6, height - 6), outline=(40, 40, 40, 255), width=2)
    written, top = [], 18
    for line, step in zip(lines, pitch, strict=True):
        box = _write(image, draw, line, top, width, chance)
        secret = line.text == _COVERED
        if secret:
            draw.rectangle(box, fill=(28, 28, 30))
        written.append(("" if secret else line.text, rectangle(*box)))
        top += step

    def describe(place: Callable[[Point], Point]) -> tuple[Region, ...]:
        texts = [{"text": text, "box": box_of([place(corner) for corner in box])} for text, box in written]
        known = {"lines": texts, "text": "\n".join(text for text, _ in written)}
        return (Region(kind, tuple(map(place, outline(width, height))), known),)

    return Piece(image, describe)


def _write(
    image: Image.Image, draw: ImageDraw.ImageDraw, line: Line, top: int, width: int, chance: Random
) -> tuple[float, float, float, float]:
    """Set one line and give the box of its ink."""
    if line.by_hand:
        hand = handwriting(line.text, line.size, chance)
        if hand.width > width - 30:
            hand = hand.resize((width - 30, hand.height), Image.Resampling.LANCZOS)
        image.alpha_composite(hand, (15, top - 6))
        return (15, top - 6, 15 + hand.width, top - 6 + hand.height)
    font = face(line.face, line.size)
    left = (width - font.getlength(line.text)) / 2 if line.centred else 22
    draw.text((left, top), line.text, (30, 27, 24), font)
    return draw.textbbox((left, top), line.text, font)
