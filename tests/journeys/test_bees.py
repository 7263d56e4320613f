"""A real archive of bees and two of its images: the digests that upstream recorded, tied to their rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import node.track.run
from crawlers.fetch import Fetcher
from crawlers.fetch.replay import ReplayTransport
from hashstore.digest import Digest

if TYPE_CHECKING:
    from tests.journeys.conftest import Program, Said

REPOSITORY = "Big-Bee-Network+UCSB-IZC00012194"


@pytest.fixture
def recordings(shared_data: Path, recorded_versions: Callable[[str], dict[str, str]]) -> dict[str, Path]:
    """The files of the images that were kept, by the addresses from which upstream got them."""
    folder = shared_data / "images" / REPOSITORY
    kept = {path.name: path for path in folder.rglob("*") if path.is_file()}
    return {url: kept[name] for url, name in recorded_versions(REPOSITORY).items() if name in kept}


@pytest.fixture
def archive(shared_data: Path) -> Path:
    (path,) = (path for path in (shared_data / "dwca" / REPOSITORY).rglob("*") if path.is_file())
    return path


@pytest.mark.slow
def test_images_get_the_digests_that_upstream_recorded_and_lead_back_to_their_rows(
    archive: Path,
    recordings: dict[str, Path],
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replay = ReplayTransport(recordings, dict.fromkeys(recordings, "image/jpeg"))
    monkeypatch.setattr(node.track.run, "Fetcher", partial(Fetcher, transport=replay))
    folder = tmp_path / "node"
    assert program("--node", folder, "init").status == 0
    said = program("--node", folder, "--json", "track", archive)
    assert said.status == 3  # of thousands of images, two were kept
    images = [item for item in said.of_type("capture") if item["role"] == "image"]
    fetched = {item["url"]: Digest.parse(item["digest"]) for item in images if item["outcome"] == "fetched"}
    assert fetched == {url: Digest.parse(path.name) for url, path in recordings.items()}
    assert len(fetched) == said.summary["images"]["fetched"] == 2
    assert said.summary["images"]["failed"] == len(images) - 2
    for url, digest in fetched.items():
        _leads_back(program("--node", folder, "--json", "history", digest.hex), url, archive)
    assert program("--node", folder, "verify", "--deep").status == 0


def _leads_back(said: Said, url: str, archive: Path) -> None:
    """Image, media row, occurrence row, archive: each names the next."""
    (origin,) = said.of_type("origin")
    assert origin["capture"]["url"] == url
    (media,) = origin["media"]
    assert media["accessURI"] == url
    (specimen,) = origin["specimens"]
    assert specimen["id"] == media["id"]
    assert specimen["catalogNumber"] == "UCSB-IZC00012194"
    assert specimen["scientificName"] == "Xylocopa varipuncta"
    assert origin["archives"] == [Digest.parse(archive.name).uri]
    place = rf"line:zip:{Digest.parse(archive.name).uri}!/%s!/L\d+(-L\d+)?"
    assert re.fullmatch(place % r"multimedia\.csv", media["sourceRow"])
    assert re.fullmatch(place % r"occurrences\.csv", specimen["sourceRow"])
