"""A node that keeps secrets of every kind, and everything that it lets out.

An output is a module in `outputs/` with one function `outputs(house)`, which yields a name and the bytes that
a stranger would get. Whoever adds an output to the program adds its module there, and the suite searches it.
"""

from __future__ import annotations

import importlib.util
import io
import os
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from crawlers.testing import ScriptedSite, answer
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import PASSPHRASE_VARIABLE, Node, open_node
from node.create import create_node
from node.layout import Layout

PLACE, ROOM, PERSON = "Hintertal beim Wasserfall", "Tresor Sieben", "Anna Kollekta-Zurück"
LATITUDE, LONGITUDE = "47.30712", "10.69145"
PASSPHRASE = "correct horse battery staple"
_SETTINGS = f"""
[[policy.withhold]]
column = "collectionCode"
values = ["{ROOM}"]
[sensitive]
images = "all"
[[sensitive.rules]]
taxa = ["Ophrys apifera"]
to = "0.1 degree"
"""
# Whole images are cut out, so that whatever a crop keeps of its image is searched.
_PIPELINE = """
pipeline: 1
name: crops
about: Cuts images out whole.
steps:
  cut: {run: crop@1}
  facts: {run: image-facts@1, pictures: {from: cut}}
"""
_DATASET = (
    *("--license", "CC0-1.0", "--creators", "Finder", "--allow-unknown-licenses"),
    *("--label-by", "scientificName"),
)
_HEAD = (
    "occurrenceID,collectionCode,scientificName,recordedBy,country,locality,decimalLatitude,decimalLongitude,"
    "verbatimCoordinates,habitat,eventRemarks,associatedMedia\n"
)


@dataclass(frozen=True)
class House:
    """A node, what must not leave it, and what may be asked of it.

    Attributes:
        node: The node.
        secrets: What must not leave, by name.
        asked: Identifiers that a stranger may have guessed or been told.
    """

    node: Node
    secrets: Mapping[str, bytes]
    asked: tuple[str, ...]


Outputs = Callable[[House], Iterator[tuple[str, bytes]]]


def _load(path: Path) -> ModuleType:
    name = f"leakage_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_FOLDER = Path(__file__).parent
OUTPUTS: dict[str, Outputs] = {
    path.stem: _load(path).outputs for path in sorted((_FOLDER / "outputs").glob("*.py"))
}


@pytest.fixture(scope="session")
def finder() -> Any:
    """The module that finds secrets in bytes."""
    return _load(_FOLDER / "finder.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every output is a test of its own."""
    if "output" in metafunc.fixturenames:
        metafunc.parametrize("output", list(OUTPUTS.values()), ids=list(OUTPUTS))


def photograph(number: int) -> bytes:
    """A JPEG that says in EXIF, in its maker note and in XMP where it was taken."""
    tags = Image.Exif()
    tags[0x010E] = f"{PLACE} {number}"
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 18.0, 25.63), 3: "E", 4: (10.0, 41.0, 29.22)})
    tags.get_ifd(0x8769)[0x927C] = PLACE.encode()
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (number * 20, 80, 90)).save(out, "JPEG", exif=tags.tobytes())
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + f'<x exif:GPSLatitude="{LATITUDE}"/>'.encode()
    data = out.getvalue()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + data[2:]


def _table(path: Path, site: ScriptedSite) -> Path:
    place = f"Austria,{PLACE},{LATITUDE},{LONGITUDE},{LATITUDE} N {LONGITUDE} E,unter dem {PLACE},{PLACE}"
    both = f"{site.url('/one.jpg')} | {site.url('/copy-of-one.jpg')}"
    rows = [
        f"s1,HERB,Ophrys apifera Huds.,Finder,{place},{both}",
        f"w1,{ROOM},Vicia cracca,Finder,Austria,{PLACE},,,,,,{site.url('/two.jpg')}",
        f"p1,HERB,Vicia sepium,Finder,Austria,Reutte,47.5,10.7,,,,{site.url('/three.jpg')}",
        f"x1,HERB,Vicia sativa,{PERSON},Austria,Reutte,47.5,10.7,,,,{site.url('/four.jpg')}",
    ]
    path.write_text(_HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def build(root: Path, settings: str) -> House:
    """A node with these settings that has tracked the secrets, looked at pictures, and withdrawn a record."""
    os.environ[PASSPHRASE_VARIABLE] = PASSPHRASE
    try:
        create_node(Layout(root / "house"), "Secretive Herbarium", "secretive.test/log")
        with (root / "house" / "node.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
        node = open_node(Layout(root / "house"))
        with ScriptedSite() as site:
            for number, name in enumerate(("one", "two", "three", "four"), 1):
                site.on(f"/{name}.jpg", answer(200, photograph(number), content_type="image/jpeg"))
            site.on("/copy-of-one.jpg", answer(200, photograph(1), content_type="image/jpeg"))
            table = _table(root / "records.csv", site)
            _run(node, "track", str(table), "--allow-private")
        _run(node, "pictures")
        _run(node, "analyze", "image-facts")
        _run(node, "analyze", "embedding")
        pipeline = root / "crops.yaml"
        pipeline.write_text(_PIPELINE, encoding="utf-8")
        _run(node, "pipeline", "run", str(pipeline))
        _run(node, "index", "similar")
        # Made while all was well: a person's name is a label in its manifest.
        for title, column in (("Vetches", "recordedBy"), ("Places", "locality")):
            _run(node, "dataset", "create", "--title", title, "--license", "CC0-1.0",
                 "--allow-unknown-licenses", "--label-by", column, "--split", "1/1/1")  # fmt: skip
            _run(node, "dataset", "publish", title)
        _run(node, "withdraw", _row_of(node, "x1"), "--reason", "personal-data")
        _run(node, "outliers")
        return House(node, _secrets(node, root), _asked(node))
    finally:
        del os.environ[PASSPHRASE_VARIABLE]


def _run(node: Node, *arguments: str) -> None:
    assert run(["--node", str(node.layout.root), "--quiet", *arguments]) == 0


def _row_of(node: Node, id: str) -> str:
    query = "SELECT leaf.segment, t.row FROM specimen t JOIN leaf USING (log, log_index) WHERE t.id = ?"
    with node.index() as index:
        [row] = index.rows(query, [id])
    return f"{Digest(row['segment']).uri}#row={row['row']}"


def _secrets(node: Node, root: Path) -> dict[str, bytes]:
    # The digest of the table that was read is none of these: the rows that are public name their line in it.
    with node.index() as index:
        salts = [row["salt"] for row in index.rows("SELECT salt FROM specimen WHERE salt IS NOT NULL")]
    return {
        "locality": PLACE.encode(),
        "collection": ROOM.encode(),
        "person": PERSON.encode(),
        "latitude": LATITUDE.encode(),
        "longitude": LONGITUDE.encode(),
        "EXIF latitude": struct.pack(">IIII", 47, 1, 18, 1),
        "EXIF latitude, little-endian": struct.pack("<IIII", 47, 1, 18, 1),
        "image of a sensitive specimen": Digest.of(photograph(1)).raw,
        "image of a withheld specimen": Digest.of(photograph(2)).raw,
        "address of a sensitive image": b"/one.jpg",
        "address of its copy": b"/copy-of-one.jpg",
        "address of a withheld image": b"/two.jpg",
        "identity key": node.layout.identity_key.read_bytes().splitlines()[1],
        "log key": node.layout.log_key.read_bytes().splitlines()[1],
        "secret behind commitments": node.commitment_secret.raw if salts else b"\0no secret\0",
        "passphrase": PASSPHRASE.encode(),
        "path of the node": str(root).encode(),
        **{f"salt {number}": salt.encode() for number, salt in enumerate(salts)},
    }


def _asked(node: Node) -> tuple[str, ...]:
    with node.index() as index:
        digests = index.rows("SELECT DISTINCT digest FROM capture WHERE digest IS NOT NULL ORDER BY 1")
        leaves = index.rows(
            "SELECT segment, row_count FROM leaf WHERE segment IS NOT NULL ORDER BY log_index"
        )
    blobs = [Digest(row["digest"]).uri for row in digests]
    segments = [Digest(row["segment"]).uri for row in leaves]
    rows = [
        f"{Digest(leaf['segment']).uri}#row={n}" for leaf in leaves for n in sorted({1, leaf["row_count"]})
    ]
    return (*blobs, *segments, *rows, "snapshot")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A node that was told what to keep."""
    return build(tmp_path_factory.mktemp("operators-own-folder"), _SETTINGS)


@pytest.fixture(scope="session")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same node without any of these settings: it tells everything, and the suite has to notice."""
    return build(tmp_path_factory.mktemp("open-house"), "")
