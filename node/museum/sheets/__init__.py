"""Draw specimens as a digitisation studio would photograph them, and say what is where in the picture."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image

from node.museum.catalogue import Specimen
from node.museum.sheets.drawing import Drawing
from node.museum.sheets.herbarium import herbarium_sheet
from node.museum.sheets.scene import Scene
from node.museum.sheets.sizes import picture_size
from node.museum.sheets.tray import tray
from node.museum.sheets.truth import truth_document

STYLE = 1
"""Raised whenever a change here changes a picture."""


def draw(specimen: Specimen, seed: int) -> Drawing:
    """Draw a specimen with all that lies beside it.

    The bytes follow from the specimen, the seed and the release of Pillow alone.
    """
    picture, scene = compose(specimen, seed)
    jpeg, mask = BytesIO(), BytesIO()
    picture.save(jpeg, "JPEG", quality=86, subsampling=0, dpi=(300, 300))
    scene.mask.save(mask, "PNG")
    truth = truth_document(specimen.catalog_number, picture_size(specimen.collection), scene.regions)
    return Drawing(jpeg.getvalue(), mask.getvalue(), truth)


def compose(specimen: Specimen, seed: int) -> tuple[Image.Image, Scene]:
    """Draw a specimen and give the picture as it is before JPEG loses anything, with its regions."""
    chance = Random(f"{seed}:{specimen.catalog_number}")
    scene = (herbarium_sheet if specimen.collection == "HERB" else tray)(specimen, chance)
    return scene.picture, scene
