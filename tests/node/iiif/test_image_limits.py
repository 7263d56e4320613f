"""What an image may cost: memory that does not grow with its bytes, and an end where it would."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest
from PIL import Image

from hashstore.digest import Digest
from node.config.iiif import IiifConfig
from node.iiif.decode.job import look
from node.iiif.decoders import Decoders
from node.iiif.facts import Facts, Fault
from node.iiif.plan import plan
from node.iiif.request import Version, read_request
from node.iiif.service import ImageService, Made, StillMaking

_TILE = 256


def _bigtiff(path: Path, width: int, height: int) -> int:
    """A BigTIFF of three times 16 bits, all black, as a sparse file; returns its bytes."""
    tiles = -(-width // _TILE) * -(-height // _TILE)
    size = _TILE * _TILE * 6
    tags = 11
    offsets = 16 + 8 + tags * 20 + 8
    counts = offsets + 8 * tiles
    data = (counts + 8 * tiles + 4095) // 4096 * 4096
    depths = struct.pack("<4H", 16, 16, 16, 0)

    def tag(number: int, kind: int, count: int, value: int | bytes) -> bytes:
        body = value if isinstance(value, bytes) else struct.pack("<Q", value)
        return struct.pack("<HHQ", number, kind, count) + body

    directory = b"".join(
        [
            tag(256, 4, 1, width), tag(257, 4, 1, height), tag(258, 3, 3, depths), tag(259, 3, 1, 1),
            tag(262, 3, 1, 2), tag(277, 3, 1, 3), tag(284, 3, 1, 1), tag(322, 4, 1, _TILE),
            tag(323, 4, 1, _TILE), tag(324, 16, tiles, offsets), tag(325, 16, tiles, counts),
        ]
    )  # fmt: skip
    with path.open("wb") as file:
        file.write(b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + struct.pack("<Q", tags) + directory)
        file.write(struct.pack("<Q", 0))
        file.write(struct.pack(f"<{tiles}Q", *(data + number * size for number in range(tiles))))
        file.write(struct.pack(f"<{tiles}Q", *([size] * tiles)))
        file.truncate(data + tiles * size)
    return data + tiles * size


def _peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.slow
def test_ten_gigabytes_are_streamed_in_less_than_200_megabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.iiif.service._PATIENCE", 0.5)
    path = tmp_path / "big.tif"
    assert _bigtiff(path, 29_184, 58_368) > 10_000_000_000
    service = ImageService(tmp_path / "iiif", IiifConfig(decoders=1))
    digest = Digest.of(b"big")
    waits = 0

    async def story() -> Made | Fault:
        nonlocal waits
        facts = await service.facts(digest, str(path))
        assert isinstance(facts, Facts)
        request = read_request(Version.THREE, "1024,2048,512,512", "256,256", "0", "default.jpg")
        made = plan(request, facts.width, facts.height, service.limits)
        while True:
            try:
                return await service.picture(digest, str(path), facts, made)
            except StillMaking:
                waits += 1

    try:
        found = asyncio.run(story())
        assert isinstance(found, Made)
        assert max(map(_peak, service.decoders.processes)) < 200_000_000
    finally:
        service.decoders.close()
    assert waits > 0
    with Image.open(found.path) as shown:
        assert (shown.size, shown.getpixel((100, 100))) == ((256, 256), (0, 0, 0))


@pytest.mark.slow
def test_what_needs_more_memory_than_a_decoder_has_ends_and_the_next_image_is_decoded(tmp_path: Path) -> None:
    # Of a GIF all pixels are in memory at once, in four bytes each.
    Image.new("P", (13_000, 13_000)).save(tmp_path / "bomb.gif")
    assert (tmp_path / "bomb.gif").stat().st_size < 1_000_000
    Image.new("RGB", (30, 20)).save(tmp_path / "next.png")
    decoders = Decoders(IiifConfig(decoders=1, memory=600 << 20))

    def order(name: str) -> dict[str, object]:
        return {"path": str(tmp_path / name), "most_pixels": 1 << 32, "decoded": 1 << 32}

    async def story() -> None:
        fault = Fault((await decoders.ask(look, order("bomb.gif")))["fault"])
        assert fault in (Fault.TOO_LARGE, Fault.TOO_COSTLY)
        assert (await decoders.ask(look, order("next.png")))["stored_width"] == 30

    try:
        asyncio.run(story())
    finally:
        decoders.close()
