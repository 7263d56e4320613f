"""Duplicates are linked at their level, and never merged."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from analyzers.picture.perceptual import NEAR
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.duplicates.near import bands_of, differing, near_pairs
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.node.conftest import Said, Vasculum

_HEAD = (
    "occurrenceID,basisOfRecord,institutionCode,catalogNumber,"
    "recordedBy,recordNumber,eventDate,scientificName\n"
)
_ONE = """\
a1,PreservedSpecimen,B,10 1,"Müller, K.",77,1958-09-21,Quercus robur
a2,PreservedSpecimen,B,10 2,Unknown,,,Fagus sylvatica
"""
_OTHER = """\
urn:uuid:A1,PreservedSpecimen,b , 10 1,K. Müller,77,1958-09-21,Quercus robur L.
b2,PreservedSpecimen,E,E9,K. Müller & A. Brandt,77,1958-09-21,Quercus petraea
b3,PreservedSpecimen,E,10 2,,,,Fagus sylvatica
"""


def _row(node: Node, id: str) -> str:
    query = "SELECT leaf.segment, t.row FROM specimen t JOIN leaf USING (log, log_index) WHERE t.id = ?"
    with node.index() as index:
        [row] = index.rows(query, [id])
    return f"{Digest(row['segment']).uri}#row={row['row']}"


def _links(said: Said) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(link["level"], link["other"], tuple(link["on"])) for link in said.of("link")}


@pytest.fixture(scope="module")
def twice_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that tracks two sources, which have some specimens in common."""
    folder = tmp_path_factory.mktemp("twice")
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    for name, text in (("one.csv", _ONE), ("other.csv", _OTHER)):
        (folder / name).write_text(_HEAD + text)
        assert run(["--quiet", "--node", str(folder / "node"), "track", str(folder / name)]) == 0
    return folder / "node"


@pytest.fixture
def twice(twice_once: Path, tmp_path: Path) -> Node:
    """A copy of that node."""
    shutil.copytree(twice_once, tmp_path / "twice")
    return open_node(Layout(tmp_path / "twice"))


def test_records_are_linked_by_what_they_have_in_common(twice: Node, vasculum: Vasculum) -> None:
    said = vasculum("--json", "--node", twice.layout.root, "duplicates", _row(twice, "a1"))
    assert _links(said) == {
        ("specimen", _row(twice, "urn:uuid:A1"), ("occurrenceID", "catalogNumber", "gatheringKey")),
        ("gathering", _row(twice, "b2"), ("gatheringKey",)),
    }
    alone = vasculum("--json", "--node", twice.layout.root, "duplicates", _row(twice, "a2"))
    assert _links(alone) == set(), "a number of another house is another number"


def test_groups_are_told_level_by_level_and_the_rows_stay(twice: Node, vasculum: Vasculum) -> None:
    said = vasculum("--json", "--node", twice.layout.root, "duplicates")
    groups = {(group["level"], group["on"]): set(group["members"]) for group in said.of("group")}
    same = {_row(twice, "a1"), _row(twice, "urn:uuid:A1")}
    assert groups == {
        ("specimen", "occurrenceID"): same,
        ("specimen", "catalogNumber"): same,
        ("gathering", "gatheringKey"): same | {_row(twice, "b2")},
    }
    assert said.summary["groups"] == {"bytes": 0, "pixels": 0, "near": 0, "specimen": 2, "gathering": 1}
    some = vasculum("--json", "--node", twice.layout.root, "duplicates", "--level", "gathering")
    assert some.summary["groups"] == {"gathering": 1}
    with twice.index() as index:
        [row] = index.rows("SELECT count(*) AS n FROM specimen WHERE current")
    assert row["n"] == 5


@pytest.mark.slow
def test_another_nodes_record_of_the_same_specimen_is_linked_and_its_log_named(
    fresh: Node, tmp_path: Path, vasculum: Vasculum, serve: Serve
) -> None:
    other = create_node(Layout(tmp_path / "other"), "Other", "other.test/log")
    for node, text in ((fresh, _ONE), (other, _OTHER)):
        (tmp_path / "specimens.csv").write_text(_HEAD + text)
        root = node.layout.root
        assert vasculum("--quiet", "--node", root, "track", tmp_path / "specimens.csv").code == 0
    home = ("--node", fresh.layout.root)
    assert vasculum("--quiet", *home, "peer", "add", serve(other.layout.root, "--no-jobs").url).code == 0
    assert vasculum("--quiet", *home, "sync").code == 0
    said = vasculum("--json", *home, "duplicates", _row(fresh, "a1"))
    assert _links(said) == {
        ("specimen", _row(other, "urn:uuid:A1"), ("occurrenceID", "catalogNumber", "gatheringKey")),
        ("gathering", _row(other, "b2"), ("gatheringKey",)),
    }
    told = vasculum(*home, "duplicates", _row(fresh, "a1")).out
    assert told.count("as other.test/log tells") == 2


def _drawn(noise: int = 0) -> Image.Image:
    """Something with outlines, a little different with each noise."""
    chance = np.random.default_rng(7)
    canvas = np.kron(chance.integers(0, 256, (9, 9)), np.ones((24, 24)))
    canvas[:4, :4] += noise
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8)).convert("RGB")


def _bytes(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def test_pictures_are_linked_by_bytes_pixels_and_outlines(
    fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    root, folder = fresh.layout.root, tmp_path / "images"
    folder.mkdir()
    plain, packed = _bytes(_drawn(), "PNG", compress_level=0), _bytes(_drawn(), "PNG", compress_level=9)
    near, far = _bytes(_drawn(), "JPEG", quality=70), _bytes(_drawn().rotate(90), "PNG")
    files = {"plain.png": plain, "copy.png": plain, "packed.png": packed, "near.jpg": near, "far.png": far}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert vasculum("--quiet", "--node", root, "add", folder).code == 0
    assert vasculum("--quiet", "--node", root, "pictures").code == 0
    said = vasculum("--json", "--node", root, "duplicates", Digest.of(plain).hex)
    found = {(link["level"], re.split("[/:]", link["other"])[-1]) for link in said.of("link")}
    assert found == {
        ("bytes", "plain.png"),
        ("bytes", "copy.png"),
        ("pixels", Digest.of(packed).hex),
        ("near", Digest.of(near).hex),
    }
    groups = vasculum("--json", "--node", root, "duplicates").summary["groups"]
    assert groups == {"bytes": 1, "pixels": 1, "near": 2, "specimen": 0, "gathering": 0}


def test_what_is_neither_picture_nor_record_has_no_duplicates(twice: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", twice.layout.root, "duplicates", "snapshot")
    assert said.code == 1
    assert "give a digest or a row URI" in said.err


_flips = st.lists(st.integers(0, 255), max_size=40, unique=True).map(lambda bits: sum(1 << b for b in bits))


@settings(max_examples=60)
@given(st.integers(0, 2**256 - 1), st.lists(_flips, min_size=1, max_size=8))
@example(0, [0, (1 << NEAR) - 1])
@example(0, [0, (1 << NEAR + 1) - 1])
def test_the_pairs_are_those_that_differ_in_few_bits(drawn: int, changes: list[int]) -> None:
    hashes = [(drawn ^ change).to_bytes(32, "big") for change in changes]
    bands = bands_of(one.hex() for one in hashes)
    expected = [
        (one, other, distance)
        for other in range(len(hashes))
        for one in range(other)
        if (distance := (changes[one] ^ changes[other]).bit_count()) <= NEAR
    ]
    found = [pair for band in range(16) for pair in near_pairs(bands, band)]
    assert sorted(found) == sorted(expected)
    for row, change in enumerate(changes):
        assert differing(bands[row], bands).tolist() == [(change ^ one).bit_count() for one in changes]


def test_many_like_pictures_are_compared_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.duplicates.near._BLOCK", 7)
    bands = bands_of(["00" * 32] * 10 + ["ff" * 32])
    found = [pair for band in range(16) for pair in near_pairs(bands, band)]
    assert sorted(found) == [(one, other, 0) for one in range(10) for other in range(one + 1, 10)]
