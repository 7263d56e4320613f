"""Pictures that are made to bring decoders down: each is read, or has a fault, and its process lives on."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path
from typing import Any

from PIL import Image

from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, WorkerPool
from analyzers.output import FAULTS
from hashstore.digest import Digest

_KINDS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "JPEG2000", "BMP")
_SPOILED = 12  # of each kind


def whole(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((60, 40), 50.0).convert("RGB").save(stream, kind)
    return stream.getvalue()


def spoiled(data: bytes, draw: random.Random) -> bytes:
    """Cut, with bytes changed, with a part twice, or with huge numbers where lengths may stand."""
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 12)):
        place = draw.randrange(len(changed))
        match draw.randrange(4):
            case 0:
                changed[place] ^= 1 << draw.randrange(8)
            case 1:
                changed[place : place + 4] = struct.pack(">I", draw.choice((0, 2**31 - 1, 2**32 - 1, 65_500)))
            case 2:
                changed[place:place] = changed[place : place + draw.randrange(64)]
            case _:
                del changed[max(8, place) :]
    return bytes(changed)


def test_no_spoiled_picture_ends_the_process_that_reads_it(tmp_path: Path) -> None:
    draw = random.Random(5)
    items = []
    for kind in _KINDS:
        sound = whole(kind)
        for data in (sound, *(spoiled(sound, draw) for _ in range(_SPOILED))):
            digest = Digest.of(data)
            (tmp_path / digest.hex).write_bytes(data)
            items.append({"digest": digest.uri, "path": str(tmp_path / digest.hex)})
    order: dict[str, Any] = {"analyzer": "image-facts", "parameters": {}, "models": {}}
    with WorkerPool(1, Allowance(4 << 30, 2.0)) as pool:
        found = [one for batch in run_batches(pool, order, items, 1) for one in batch]
        assert len(pool.processes) == 1
    assert not [one for one in found if "failing" in one]
    assert {one["fault"] for one in found if "fault" in one} <= set(FAULTS)
    assert all("findings" in one for one in found[:: _SPOILED + 1]), "the sound ones are read"
