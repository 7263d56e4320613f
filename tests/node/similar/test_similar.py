"""Likeness: a picture, or a part of one, finds its like, on this node and on one that holds no picture."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def _images(node: Node) -> list[Digest]:
    with node.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM analysis WHERE fault IS NULL ORDER BY digest")
        return [Digest(row["digest"]) for row in rows]


def _hits(vasculum: Vasculum, node: Node, *arguments: object) -> list[dict[str, Any]]:
    said = vasculum("--json", "--node", node.layout.root, "similar", *arguments)
    assert said.code == 0, said.err
    return said.of("hit")


def test_a_picture_finds_its_like_and_a_part_finds_where_it_stands(
    embedded: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    image = _images(embedded)[0]
    (tmp_path / "asked.jpg").write_bytes(embedded.store.read(image))
    first, *others = _hits(vasculum, embedded, tmp_path / "asked.jpg")
    assert first["digest"] == image.uri, "a file finds the same picture"
    assert float(first["score"]) > 0.999
    assert len({one["digest"] for one in (first, *others)}) == 10, "each picture is told once"
    assert image.uri not in {one["digest"] for one in _hits(vasculum, embedded, image.hex)}
    with embedded.index() as index:
        row = index.one(
            "SELECT region FROM finding WHERE digest = ? AND region IS NOT NULL LIMIT 1", [image.raw]
        )
    assert row is not None
    asked = row["region"].removeprefix("xywh=pixel:")
    (part,) = _hits(vasculum, embedded, image.hex, "--region", asked, "--limit", 1)
    assert (part["digest"], part["region"]) == (image.uri, row["region"])


def test_a_filter_leaves_others_out_and_nothing_new_makes_no_new_index(
    embedded: Node, vasculum: Vasculum
) -> None:
    root = embedded.layout.root
    image = _images(embedded)[0]
    found = {one["digest"] for one in _hits(vasculum, embedded, image.hex, "--filter", "taxon:Plantae")}
    everything = {one["digest"] for one in _hits(vasculum, embedded, image.hex, "--limit", 250)}
    assert found < everything
    assert _hits(vasculum, embedded, image.hex, "--filter", "taxon:Nothing") == []
    again = vasculum("--json", "--node", root, "index", "similar", "--set", "tiles=2").summary
    assert not again["new"]
    assert again["vectors"] > 100


def test_what_is_asked_with_is_not_stored_and_nonsense_is_told(
    embedded: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    root = embedded.layout.root
    stranger = tmp_path / "stranger.png"
    stranger.write_bytes(_drawn())
    _hits(vasculum, embedded, stranger)
    assert not embedded.store.contains(Digest.of(stranger.read_bytes()))
    (tmp_path / "no.jpg").write_bytes(b"no picture")
    for arguments, code in (
        ((tmp_path / "no.jpg",), 1),
        ((stranger, "--region", "0,0,0,5"), 2),
        ((stranger, "--region", "0,0,9999,5"), 1),
        ((stranger, "--index", "0000"), 1),
        (("ffffffffffff",), 1),
    ):
        said = vasculum("--node", root, "similar", *arguments)
        assert said.code == code, said.err
        assert "Traceback" not in said.err


def _drawn() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((300, 200), 40.0).save(file, "PNG")
    return file.getvalue()


def test_a_withdrawn_picture_is_found_no_more(
    embedded_once: Path, vasculum: Vasculum, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(embedded_once, root)
    node = open_node(Layout(root))
    asked, gone, *_ = _images(node)
    assert gone.uri in {one["digest"] for one in _hits(vasculum, node, asked.hex, "--limit", 250)}
    assert vasculum("--node", root, "withdraw", gone.hex, "--reason", "rights").code == 0
    assert gone.uri not in {one["digest"] for one in _hits(vasculum, node, asked.hex, "--limit", 250)}


def test_without_vectors_there_is_a_word_on_what_to_do(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    (tmp_path / "one.png").write_bytes(_drawn())
    for arguments in (("similar", tmp_path / "one.png"), ("index", "similar")):
        said = vasculum("--node", fresh.layout.root, *arguments)
        assert said.code == 1
        assert "vasculum analyze embedding" in said.err
