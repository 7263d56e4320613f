"""`vasculum tier`, and what the other commands say of blobs that lie in the archive."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout
from node.storage import TieredBlobStore

Vasculum = Callable[..., Any]


def _with_storage(node: Node, archive: str, *more: str) -> Node:
    lines = ["", "[storage]", f'archive = "{archive}"', *more, ""]
    with node.layout.config.open("a") as file:
        file.write("\n".join(lines))
    return open_node(Layout(node.layout.root))


@pytest.fixture
def node(tracked_copy: Node, tmp_path: Path) -> Node:
    (tmp_path / "archive").mkdir()
    return _with_storage(tracked_copy, str(tmp_path / "archive"), "archive_after_days = 30")


def _image(node: Node) -> Digest:
    with node.index() as index:
        row = index.one("SELECT digest FROM capture WHERE role = 'image' AND outcome = 'fetched' ORDER BY 1")
    assert row is not None
    return Digest(row["digest"])


def test_an_archived_image_is_shown_told_of_verified_and_recalled(node: Node, vasculum: Vasculum) -> None:
    image, data = _image(node), node.active.read(_image(node))
    where = ("--node", node.layout.root, "--json")
    moved = vasculum(*where, "tier", "move", image.hex[:12], "--to", "archive")
    assert (moved.code, moved.summary["moved"]) == (0, 1)
    assert not node.active.contains(image)
    assert vasculum(*where, "show", image).summary["tiers"] == ["archive"]
    assert vasculum(*where, "history", image.hex[:12]).code == 0
    for deep in ((), ("--deep",)):
        verified = vasculum(*where, "verify", *deep)
        assert (verified.code, verified.summary["faults"], verified.summary["archived"]) == (0, 0, 1)
    assert not node.active.contains(image)  # looking at it has not brought it back
    assert vasculum(*where, "tier", "ls", "--tier", "archive").of("blob")[0]["digest"] == image.uri
    assert vasculum(*where, "cat", image).code == 0
    assert node.active.read(image) == data
    back = vasculum(*where, "tier", "move", image, "--to", "active")
    assert (back.code, back.summary["moved"]) == (0, 1)
    assert vasculum(*where, "tier", "ls").summary["archive"] == 0


def test_a_whole_node_lives_on_with_its_images_on_s3(
    tracked_copy: Node, s3_server: Any, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    node = _with_storage(tracked_copy, s3_server.new_place(), "archive_after_days = 1")
    where = ("--node", node.layout.root, "--json")
    for digest in node.active.digests():
        os.utime(node.active.path(digest), (1, 1))
    before = vasculum(*where, "status").summary
    dry = vasculum(*where, "tier", "apply", "--dry-run").summary
    applied = vasculum(*where, "tier", "apply")
    assert applied.code == 0
    assert applied.summary["moved"] == dry["due"] > 20
    status = vasculum(*where, "status").summary
    assert (status["blobs"], status["bytes"]) == (before["blobs"], before["bytes"])
    verified = vasculum(*where, "verify", "--deep")
    assert (verified.code, verified.summary["archived"]) == (0, applied.summary["moved"])
    assert vasculum(*where, "index", "rebuild").code == 0
    assert vasculum(*where, "tier", "apply").summary["moved"] == 0


def test_only_what_is_old_enough_moves(node: Node, vasculum: Vasculum) -> None:
    image = _image(node)
    assert vasculum("--node", node.layout.root, "--json", "tier", "apply").summary["moved"] == 0
    os.utime(node.active.path(image), (1, 1))
    said = vasculum("--node", node.layout.root, "--json", "tier", "apply")
    assert [item["digest"] for item in said.of("blob")] == [image.uri]


def test_statements_and_segments_stay(node: Node, vasculum: Vasculum) -> None:
    with node.index() as index:
        rows = index.rows("SELECT statement AS one FROM leaf UNION SELECT segment FROM leaf")
    for digest in sorted(Digest(row["one"]) for row in rows if row["one"]):
        os.utime(node.active.path(digest), (1, 1))
        said = vasculum("--node", node.layout.root, "tier", "move", digest, "--to", "archive")
        assert said.code == 1
        assert "stays in the active tier" in said.err
    assert vasculum("--node", node.layout.root, "--json", "tier", "apply").summary["moved"] == 0


def test_a_damaged_archived_image_is_found_by_deep_and_missing_ones_at_once(
    node: Node, vasculum: Vasculum
) -> None:
    image = _image(node)
    where = ("--node", node.layout.root, "--json")
    assert vasculum(*where, "tier", "move", image, "--to", "archive").code == 0
    assert isinstance(node.store, TieredBlobStore)
    path = Path(node.store.archive.name) / image.hex[:2] / image.hex[2:4] / image.hex
    path.chmod(0o644)
    path.write_bytes(b"!" * path.stat().st_size)
    assert vasculum(*where, "verify").code == 0
    deep = vasculum(*where, "verify", "--deep")
    assert deep.code == 4
    assert [(f["kind"], f["digest"]) for f in deep.of("fault")] == [("bad", image.uri)]
    said = vasculum(*where, "tier", "move", image, "--to", "active")
    assert (said.code, said.summary["failed"]) == (3, 1)
    path.unlink()
    (path.parent / "notes.txt").write_text("mine")
    light = vasculum(*where, "verify")
    assert light.code == 4
    assert {(f["kind"], f["digest"]) for f in light.of("fault")} == {
        ("foreign", None),
        ("missing", image.uri),
    }


def test_an_archive_that_is_not_mounted_is_one_fault_and_keeps_nobody_from_reading(
    node: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    (tmp_path / "archive").rmdir()
    where = ("--node", node.layout.root, "--json")
    assert vasculum(*where, "ls").code == 0
    verified = vasculum(*where, "verify")
    assert (verified.code, verified.summary["faults"]) == (4, 1)
    assert "Mount its disk" in verified.of("fault")[0]["message"]


def test_without_an_archive_the_command_says_how_to_name_one(fresh: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", fresh.layout.root, "tier", "ls")
    assert said.code == 1
    assert "[storage]" in said.err
