"""The processes that decode: what one dies over is said, and the next image finds another."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from hashstore.digest import Digest
from node.config.iiif import IiifConfig
from node.iiif.decode.job import look
from node.iiif.decoders import Busy, Decoders
from node.iiif.facts import Facts, Fault, facts_document, read_facts
from node.iiif.plan import Limits, plan
from node.iiif.request import Version, read_request
from node.iiif.service import ImageService, Made, needs_pyramid

SMALL = IiifConfig(decoders=1, memory=1 << 30, seconds=30.0)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "a.jpg"
    Image.linear_gradient("L").resize((300, 200)).save(path)
    return path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ImageService]:
    made = ImageService(tmp_path / "iiif", SMALL)
    yield made
    made.decoders.close()


def asked(path: Path) -> dict[str, object]:
    return {"path": str(path), "most_pixels": 1 << 30, "decoded": 4 << 20}


def test_a_process_that_is_killed_is_replaced(picture: Path) -> None:
    decoders = Decoders(SMALL)

    async def story() -> None:
        assert (await decoders.ask(look, asked(picture)))["stored_width"] == 300
        (process,) = decoders.processes
        os.kill(process, signal.SIGSTOP)
        waiting = asyncio.ensure_future(decoders.ask(look, asked(picture)))
        await asyncio.sleep(0.2)
        os.kill(process, signal.SIGKILL)
        assert await waiting == {"fault": Fault.TOO_COSTLY}
        assert (await decoders.ask(look, asked(picture)))["stored_width"] == 300
        assert decoders.processes != (process,)

    try:
        asyncio.run(story())
    finally:
        decoders.close()


def test_nobody_waits_behind_hundreds(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.iiif.decoders._MOST_WAITING", 0)
    decoders = Decoders(SMALL)
    with pytest.raises(Busy):
        asyncio.run(decoders.ask(look, asked(picture)))
    assert decoders.processes == ()


def test_an_image_is_looked_at_and_made_once_and_then_found(service: ImageService, picture: Path) -> None:
    digest = Digest.of(picture.read_bytes())
    calls: list[str] = []
    ask = service.decoders.ask

    async def counted(work: object, order: dict[str, object], *, long: bool = False) -> dict[str, object]:
        calls.append(work.__name__)  # type: ignore[attr-defined]
        return await ask(work, order, long=long)  # type: ignore[arg-type]

    async def story() -> None:
        service.decoders.ask = counted  # type: ignore[method-assign]
        several = await asyncio.gather(*(service.facts(digest, str(picture)) for _ in range(5)))
        (facts,) = set(several)
        assert isinstance(facts, Facts)
        made = plan(read_request(Version.THREE, "full", "150,", "0", "default.png"), 300, 200, service.limits)
        files = await asyncio.gather(*(service.picture(digest, str(picture), facts, made) for _ in range(5)))
        (file,) = set(files)
        assert isinstance(file, Made)
        assert file.path.stat().st_size == file.size
        assert await service.picture(digest, str(picture), facts, made) == file

    asyncio.run(story())
    assert calls == ["look", "render"]


def test_what_brought_a_decoder_down_is_left_alone_for_a_while(tmp_path: Path, picture: Path) -> None:
    now = 0.0
    service = ImageService(tmp_path / "iiif", SMALL, lambda: now)
    answers = [{"fault": Fault.TOO_COSTLY.value}, {"fault": Fault.DAMAGED.value}]

    async def dying(work: object, order: object, *, long: bool = False) -> dict[str, str]:
        return answers.pop(0)

    service.decoders.ask = dying  # type: ignore[method-assign]
    digest = Digest.of(b"hostile")

    async def story() -> None:
        nonlocal now
        assert await service.facts(digest, str(picture)) is Fault.TOO_COSTLY
        assert await service.facts(digest, str(picture)) is Fault.TOO_COSTLY
        now = 601.0
        assert await service.facts(digest, str(picture)) is Fault.DAMAGED
        assert await service.facts(digest, str(picture)) is Fault.DAMAGED  # it is kept, and not asked again

    asyncio.run(story())
    kept = service.cache.path(digest, "facts.json").read_text()
    assert digest.uri in kept


def test_facts_are_read_as_they_were_written() -> None:
    for found in (Facts("jpeg", 30, 20, 6), Fault.DAMAGED):
        assert read_facts(facts_document(found, "hash://sha256/00")) == found
    for broken in ({}, {"version": 0}, {"version": 1, "fault": "?"}, {"version": 1, "kind": "jpeg"}):
        assert read_facts(broken) is None


def test_only_parts_of_big_images_need_all_sizes() -> None:
    facts = Facts("jpeg", 11_548, 8_660, 6)
    for asked_for, needed in (("full/!400,400", False), ("full/8000,", True), ("0,0,512,512/max", True)):
        region, size = asked_for.split("/")
        request = read_request(Version.TWO, region, size, "0", "default.jpg")
        made = plan(request, facts.width, facts.height, Limits(20_000, 1 << 30))
        assert needs_pyramid(facts, made) is needed
    assert not needs_pyramid(Facts("jpeg", 2000, 2000, 1), made)
