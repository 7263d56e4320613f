"""Compose a herbarium sheet: copy stand, sheet, plant with its mounting tape, label and all the rest."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw

from node.museum.catalogue import Specimen
from node.museum.sheets.brush import Brush
from node.museum.sheets.label import note, sheet_label, slip
from node.museum.sheets.lettering import printable
from node.museum.sheets.plants import HABITS
from node.museum.sheets.scene import Piece, Scene
from node.museum.sheets.sizes import SHEET_SIZE
from node.museum.sheets.studio import barcode, checker, ruler, stamp
from node.museum.sheets.texture import pressed, surface

_PAPERS = ((240, 233, 214), (234, 224, 198), (244, 240, 228), (230, 222, 204))


def herbarium_sheet(specimen: Specimen, chance: Random) -> Scene:
    """Draw a herbarium sheet (about 27 cm wide, so 4 pixels to the millimetre) with all that lies on it."""
    name = specimen.catalog_number
    scene = Scene(surface(SHEET_SIZE, (44, 43, 42), name + "stand", 2.0, 1.5))
    scale = 3.9 + 0.05 * chance.randrange(7)
    strip = chance.random() < 0.6
    top = 112 if strip else 36
    scene.lay(_paper(specimen, 1128, 1800 - top - 34, chance), (36, top), shadow=0.9)
    _plant(scene, specimen, chance)
    if strip:
        scene.lay(ruler(scale, 12, "Museum of Drawn Specimens"), (60, 24), shadow=0)
        scene.lay(checker(32, 12), (684, 14), shadow=0)
    else:
        scene.lay(ruler(scale, 10, "Museum of Drawn Specimens"), (660, 70), chance.gauss(0, 0.3), 0.5)
        scene.lay(checker(40), (80, 1420), chance.gauss(0, 0.4), 0.5)
    scene.lay(barcode(name, "Museum of Drawn Specimens"), (76, top + 34), chance.gauss(0, 0.3), 0.25)
    _papers(scene, specimen, chance, strip)
    return scene


def _papers(scene: Scene, specimen: Specimen, chance: Random, strip: bool) -> None:
    label = sheet_label(specimen, 440, chance)
    scene.lay(label, (1128 - label.image.width, 1734 - label.image.height), chance.gauss(0, 0.5))
    left = 96 if strip else 480
    ink = chance.choice(((92, 58, 120), (48, 70, 128), (128, 44, 48)))
    year = specimen.pictured["eventDate"][:4]
    scene.lay(stamp(("MDS", f"ACC. {year}"), chance, ink), (left, 1560), chance.gauss(0, 5), shadow=0)
    collector = printable(specimen.pictured["recordedBy"]).split(";")[0]
    number = f"{collector.split()[-1]} {specimen.pictured['recordNumber']}"
    scene.lay(note(number, 19, chance), (left + 8, 1480), shadow=0)
    if specimen.slip:
        scene.lay(slip(specimen.slip, 360, chance), (470, 1348), chance.gauss(0, 0.6))


def _paper(specimen: Specimen, width: int, height: int, chance: Random) -> Piece:
    shade = chance.choice(_PAPERS)
    image = surface((width, height), shade, specimen.catalog_number + "paper", 1.7, 2.2).convert("RGBA")
    ImageDraw.Draw(image).rectangle((0, 0, width - 1, height - 1), outline=(200, 190, 166, 255), width=2)
    return Piece(image, lambda _: ())


def _plant(scene: Scene, specimen: Specimen, chance: Random) -> None:
    brush = Brush(SHEET_SIZE)
    HABITS[specimen.habit](brush, chance)
    layer = pressed(brush.finished(), specimen.catalog_number)
    scene.mount(layer, f"{specimen.catalog_number}.mask.png")
    for spot in _tape_spots(layer, chance):
        width = 46
        tape = surface((width, 11), (238, 234, 220), f"{specimen.catalog_number}{spot}", 2, 1).convert("RGBA")
        scene.lay(Piece(tape, lambda _: ()), (spot[0] - width / 2, spot[1]), chance.gauss(0, 14), 0.4)


def _tape_spots(layer: Image.Image, chance: Random) -> list[tuple[int, int]]:
    """Find narrow places of the plant, at a few heights, where a strip of tape would hold it."""
    alpha = layer.getchannel("A")
    spots: list[tuple[int, int]] = []
    for y in chance.sample(range(420, 1280, 10), 40):
        across = alpha.crop((200, y, 1000, y + 1)).point(lambda value: value // 255 * 255).getbbox()
        if across and across[2] - across[0] < 26 and all(abs(y - other) > 180 for _, other in spots):
            spots.append((200 + (across[0] + across[2]) // 2, y))
    return spots
