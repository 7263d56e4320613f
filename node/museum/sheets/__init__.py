"""Draw specimens as a digitisation studio would photograph them, and say what is where in the picture."""

from __future__ import annotations

import json
import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from node.museum.catalogue import Specimen
from node.museum.sheets.drawing import Drawing
from node.museum.sheets.sizes import picture_size

STYLE = 0


def draw(specimen: Specimen, seed: int) -> Drawing:
    """Draw a specimen with all that lies beside it."""
    size = picture_size(specimen.collection)
    chance = random.Random(f"{seed}:{specimen.catalog_number}")
    noise = Image.effect_noise(size, 40)
    noise.frombytes(chance.randbytes(size[0] * size[1]))
    picture = Image.merge(
        "RGB", [Image.blend(Image.new("L", size, shade), noise, 0.12) for shade in (240, 234, 216)]
    )
    lines = [specimen.full_name, specimen.catalog_number, specimen.facts["recordedBy"], *specimen.slip]
    ImageDraw.Draw(picture).text((200, 900), "\n".join(lines), "black", ImageFont.load_default(36))
    jpeg, mask = BytesIO(), BytesIO()
    picture.save(jpeg, "JPEG", quality=80)
    Image.new("1", size).save(mask, "PNG")
    return Drawing(jpeg.getvalue(), mask.getvalue(), json.dumps({"size": size}).encode())
