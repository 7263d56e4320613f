"""Compose the picture of a pinned insect or a fossil, with its labels and scale beside it."""

from __future__ import annotations

from random import Random

from node.museum.catalogue import Specimen
from node.museum.sheets.brush import Brush
from node.museum.sheets.fossils import FOSSILS
from node.museum.sheets.insects import INSECTS
from node.museum.sheets.label import pin_labels
from node.museum.sheets.scene import Scene
from node.museum.sheets.sizes import TRAY_SIZE
from node.museum.sheets.studio import barcode, checker, ruler, stamp
from node.museum.sheets.texture import pressed, surface

_GROUNDS = {"ENT": (214, 214, 208), "PAL": (52, 56, 62)}


def tray(specimen: Specimen, chance: Random) -> Scene:
    """Draw what lies in one unit tray under the camera."""
    name = specimen.catalog_number
    scene = Scene(surface(TRAY_SIZE, _GROUNDS[specimen.collection], name + "ground", 3.0, 1.5))
    artist, scale, centimetres = {**INSECTS, **FOSSILS}[specimen.habit]
    brush = Brush(TRAY_SIZE)
    artist(brush, chance)
    scene.mount(pressed(brush.finished(), name), f"{name}.mask.png", 0.55, depth=9)
    width, right = 446, 1116
    where, what = pin_labels(specimen, width, chance)
    top = 90
    for piece in (where, what):
        scene.lay(piece, (right, top), chance.gauss(0, 0.7), 0.5)
        top += piece.image.height + 26
    scene.lay(barcode(name, "Museum of Drawn Specimens", 3), (right, top + 10), chance.gauss(0, 0.3), 0.5)
    if specimen.collection == "PAL":
        paint = (150, 44, 38) if specimen.habit == "trilobite" else (232, 226, 208)
        scene.lay(stamp(("MDS", name[-5:]), chance, paint, 54), (640, 800), chance.gauss(0, 4), shadow=0)
    scene.lay(ruler(scale, centimetres, "Museum of Drawn Specimens"), (90, 1090), chance.gauss(0, 0.2), 0.5)
    scene.lay(checker(56), (right + 6, 870), chance.gauss(0, 0.3), 0.5)
    return scene
