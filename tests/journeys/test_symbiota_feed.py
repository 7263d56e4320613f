"""The feed of the SERNEC portal: one `track` takes every archive that is there and names all the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.conftest import Loopback, Program

REPOSITORY = "bio-guoda+preston-sernec"
HOST = re.compile(r"^https://(?:www\.)?sernecportal\.org")
FEED = "/portal/content/dwca/rss.xml"


@pytest.fixture
def portal(
    loopback: Loopback, shared_data: Path, recorded_versions: Callable[[str], dict[str, str]]
) -> Loopback:
    """The portal as it was, on this machine: its feed, and those of its archives that were kept."""
    versions = recorded_versions(REPOSITORY)
    kept = {path.name: path for path in (shared_data / "dwca" / REPOSITORY).rglob("*") if path.is_file()}
    (feed,) = (path for path in (shared_data / "api" / REPOSITORY).rglob("*") if path.is_file())
    assert versions["https://sernecportal.org" + FEED] == feed.name
    here = re.sub(r"https://(?:www\.)?sernecportal\.org", loopback.url, feed.read_text(encoding="utf-8"))
    loopback.answers[FEED] = here.encode()
    for url, digest in versions.items():
        if digest in kept:
            loopback.answers[HOST.sub("", url)] = kept[digest].read_bytes()
    return loopback


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_track_of_the_feed_takes_every_archive_that_is_there_and_names_the_rest(
    portal: Loopback, program: Program, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    assert program("--node", node, "init").status == 0
    listed = set(re.findall(r"<link>([^<]+\.zip)</link>", portal.answers[FEED].decode()))
    there = {url for url in listed if url.removeprefix(portal.url) in portal.answers}
    said = program("--node", node, "--json", "track", portal.url + FEED, "--no-images")
    assert said.status == 3, said.err
    assert {item["source"] for item in said.of_type("archive")} == there
    assert {item["source"] for item in said.of_type("refused")} == listed - there
    assert (len(there), said.summary["refused"]) == (26, 89)
    failed = {item["url"]: item["status"] for item in said.of_type("capture") if item["outcome"] == "failed"}
    assert failed == dict.fromkeys(listed - there, 404)
    rows = said.summary["rows"]
    assert (rows["occurrences.csv"], rows["multimedia.csv"]) == (149_042, 116_224)
    assert said.summary["quarantined"] == 0
    assert program("--node", node, "verify", "--deep").status == 0
