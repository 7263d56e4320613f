"""`vasculum pictures`: each picture once, whatever it is; what cannot be read is told."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from hashstore.digest import Digest
from node.compose import Node
from provenance.statement import parse_statement

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def png(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(file, "PNG")
    return file.getvalue()


def noise() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 90.0).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """A PNG that says of itself to be 60,000 by 60,000."""
    data = bytearray(png(1))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def pictures(node: Node) -> dict[Digest, dict[str, Any]]:
    with node.index() as index:
        return {Digest(row["digest"]): row for row in index.rows("SELECT * FROM picture")}


def test_each_picture_is_read_once_and_what_cannot_be_read_is_told(
    fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    files = {
        "one.png": png(1),
        "two.png": png(2),
        "cut.png": noise()[:900],
        "bomb.png": bomb(),
        "a.txt": b"no",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert vasculum("--quiet", "--node", fresh.layout.root, "add", folder).code == 0
    said = vasculum("--json", "--node", fresh.layout.root, "pictures")
    assert said.code == 3
    assert (said.summary["pictures"], said.summary["unreadable"]) == (2, 3)
    found = pictures(fresh)
    faults = {name: found[Digest.of(data)]["fault"] for name, data in files.items()}
    assert faults == {
        "one.png": None, "two.png": None, "cut.png": "damaged", "bomb.png": "too-large", "a.txt": "no-image",
    }  # fmt: skip
    assert found[Digest.of(files["one.png"])]["width"] == 8
    assert "Pillow" in found[Digest.of(files["one.png"])]["decoder"]
    [statement] = said.summary["statements"]
    document = parse_statement(fresh.store.read(Digest.parse(statement))).document
    assert document["counts"]["picturesRead"] == "2"
    assert document["segment"][0]["table"] == "picture"
    size = fresh.reader.head().size
    again = vasculum("--json", "--node", fresh.layout.root, "pictures")
    assert (again.code, again.summary["pictures"], again.summary["statements"]) == (0, 0, [])
    assert fresh.reader.head().size == size, "nothing new is nothing to sign"
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


def test_a_picture_that_is_withdrawn_takes_along_what_it_looks_like(
    fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    (tmp_path / "one.png").write_bytes(png(1))
    (tmp_path / "two.png").write_bytes(png(2))
    root = fresh.layout.root
    for name in ("one.png", "two.png"):
        assert vasculum("--quiet", "--node", root, "add", tmp_path / name).code == 0
    assert vasculum("--quiet", "--node", root, "pictures").code == 0
    assert vasculum("--node", root, "withdraw", Digest.of(png(1)).hex, "--reason", "rights").code == 0
    access = {digest: row["access"] for digest, row in pictures(fresh).items()}
    assert access == {Digest.of(png(1)): "withdrawn", Digest.of(png(2)): "public"}
