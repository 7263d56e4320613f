"""A restored node is the node that was backed up, but for what must not come back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.backup.contents import belongs, contents
from node.compose import Node, open_node
from node.keys.rotate import rotate
from node.layout import Layout
from provenance.statement.kinds import KeyRole

Vasculum = Callable[..., Any]
KINDS = pytest.mark.parametrize("kind", ["folder", "file.tar"])


def _files(root: Path) -> dict[str, tuple[bytes, int]]:
    """What a backup has to bring back, byte for byte; databases are compared by what they say."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and (belongs(name) or name.startswith("blobs/")) and "/tmp/" not in name:
            data = b"" if path.suffix == ".sqlite" else path.read_bytes()
            found[name] = (data, stat.S_IMODE(path.stat().st_mode))
    return found


def _back_up(vasculum: Vasculum, node: Node, place: Path, *more: object) -> dict[str, Any]:
    said = vasculum("--node", node.layout.root, "--json", "backup", place, *more)
    assert said.code == 0, said.err
    return dict(said.summary)


@KINDS
def test_everything_comes_back_and_only_the_lock_is_missing(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    place, root = tmp_path / kind, tmp_path / "restored"
    made = _back_up(vasculum, tracked_copy, place)
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0
    said = vasculum("--node", root, "--json", "restore", place)
    assert (said.code, said.summary["copied"]) == (0, made["copied"])
    assert _files(root) == _files(tracked_copy.layout.root)
    assert not list(root.glob("*lock*"))
    assert stat.S_IMODE((root / "keys" / "log.pem").stat().st_mode) == 0o600
    faults = vasculum("--node", root, "--json", "verify", "--deep").of("fault")
    assert [(fault["kind"], fault["path"]) for fault in faults] == [("missing", "log.lock")]


@KINDS
def test_the_restored_node_signs_on_once_it_knows_the_newest_head(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    root = tmp_path / "restored"
    _back_up(vasculum, tracked_copy, tmp_path / kind)
    assert vasculum("--node", root, "restore", tmp_path / kind).code == 0
    sheet = tmp_path / "sheet.txt"
    sheet.write_text("a new sheet")
    refused = vasculum("--node", root, "add", sheet)
    assert refused.code == 1
    assert "Signing now could fork the log" in refused.err
    checkpoint = tracked_copy.layout.log / "checkpoint"
    said = vasculum("--node", root, "--json", "log", "restore-lock", "--checkpoint", checkpoint)
    assert (said.code, said.summary["logSize"]) == (0, tracked_copy.reader.head().size)
    assert vasculum("--node", root, "add", sheet).code == 0
    assert vasculum("--node", root, "verify", "--deep").code == 0
    assert open_node(Layout(root)).identity_public == tracked_copy.identity_public


def test_a_file_unpacks_into_a_folder_that_can_be_restored(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    _back_up(vasculum, tracked_copy, tmp_path / "file.tar")
    with tarfile.open(tmp_path / "file.tar") as tar:
        tar.extractall(tmp_path / "unpacked", filter="data")
    assert vasculum("--node", tmp_path / "restored", "restore", tmp_path / "unpacked").code == 0


def test_a_folder_grows_by_what_is_new(tracked_copy: Node, tmp_path: Path, vasculum: Vasculum) -> None:
    first = _back_up(vasculum, tracked_copy, tmp_path / "folder")
    again = _back_up(vasculum, tracked_copy, tmp_path / "folder")
    assert (again["copied"], again["held"]) == (0, first["copied"])
    add_bytes(tracked_copy.store, b"new")
    assert _back_up(vasculum, tracked_copy, tmp_path / "folder")["copied"] == 1
    assert len(list((tmp_path / "folder" / "manifests").iterdir())) == 3


@KINDS
def test_a_backup_since_another_needs_that_other(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    full = tmp_path / "full.tar"
    first = _back_up(vasculum, tracked_copy, full)
    new = add_bytes(tracked_copy.store, b"new")
    since = _back_up(vasculum, tracked_copy, tmp_path / kind, "--since", full)
    assert (since["copied"], since["inBases"]) == (1, first["copied"])
    alone = vasculum("--node", tmp_path / "alone", "--json", "restore", tmp_path / kind)
    assert (alone.code, alone.summary["faults"]) == (4, first["copied"])
    assert "--base" in alone.of("fault")[0]["message"]
    assert not (tmp_path / "alone" / "node.toml").exists()
    # The same folder, and the missing backup at hand: it goes on.
    both = vasculum("--node", tmp_path / "alone", "--json", "restore", tmp_path / kind, "--base", full)
    assert (both.code, both.summary["here"]) == (0, 1)
    assert open_node(Layout(tmp_path / "alone")).store.read(new) == b"new"


def test_what_later_parts_keep_is_not_forgotten_and_what_is_passing_is_left(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    root = tracked_copy.layout.root
    mirror = root / "mirror" / ("ab" * 32)
    shutil.copytree(root / "log", mirror)
    (mirror / "tile" / "0" / "001.p").mkdir(parents=True)
    (mirror / "tile" / "0" / "001.p" / "5").write_bytes(b"of a head that nobody has signed")
    with closing(sqlite3.connect(root / "peers.sqlite")) as peers:
        peers.execute("PRAGMA journal_mode = WAL")
        peers.execute("CREATE TABLE peer (url TEXT)")
        peers.execute("INSERT INTO peer VALUES ('https://b.example')")
        peers.commit()
        (root / "kept").mkdir()
        (root / "kept" / "salts.json").write_text("[]")
        for name in ("witness.lock", "index.generation-2.duckdb", "log.lock.new", "keys/witness.pem"):
            (root / name).write_text("not this")
        _back_up(vasculum, tracked_copy, tmp_path / "folder")
    assert vasculum("--node", tmp_path / "restored", "restore", tmp_path / "folder").code == 0
    with closing(sqlite3.connect(tmp_path / "restored" / "peers.sqlite")) as peers:
        assert peers.execute("SELECT url FROM peer").fetchall() == [("https://b.example",)]
    restored = {name for name in _files(tmp_path / "restored") if not name.startswith("blobs/")}
    assert f"mirror/{'ab' * 32}/checkpoint" in restored
    assert f"mirror/{'ab' * 32}/tile/0/001.p/5" not in restored
    assert "kept/salts.json" in restored
    assert not [name for name in restored if "lock" in name or "duckdb" in name or "witness" in name]


@pytest.mark.parametrize("role", KeyRole)
def test_keys_that_change_meanwhile_are_copied_with_the_log_that_says_so(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch, role: KeyRole
) -> None:
    root = tracked_copy.layout.root
    old = tmp_path / "old-checkpoint"
    shutil.copy(root / "log" / "checkpoint", old)
    changes: list[object] = []

    def changing(folder: Path) -> Iterator[tuple[str, bytes | None]]:
        for path, data in contents(folder):
            yield path, data
            if path.startswith("log/tile/") and not changes:
                node = open_node(Layout(root))
                with node.writing():
                    changes.append(rotate(node, role))

    monkeypatch.setattr("node.backup.take.contents", changing)
    _back_up(vasculum, tracked_copy, tmp_path / "folder")
    assert len(changes) == 1
    restored = tmp_path / "restored"
    assert vasculum("--node", restored, "restore", tmp_path / "folder").code == 0
    faults = vasculum("--node", restored, "--json", "verify", "--deep").of("fault")
    assert [(fault["kind"], fault["path"]) for fault in faults] == [("missing", "log.lock")]
    # A peer that has not looked since knows the log by its former key.
    assert vasculum("--node", restored, "log", "restore-lock", "--checkpoint", old).code == 0
    assert vasculum("--node", restored, "verify", "--deep").code == 0
    monkeypatch.setattr("node.backup.take._state", lambda folder: {folder: os.urandom(8)})
    assert vasculum("--node", root, "backup", tmp_path / "other").code == 1


def test_a_checkpoint_comes_before_its_tiles_and_everything_else_after_the_logs(tracked: Node) -> None:
    paths = [path for path, _ in contents(tracked.layout.root)]
    logs = [path for path in paths if path.startswith("log/")]
    assert paths[0] == "log/checkpoint"
    assert paths[: len(logs)] == logs
    assert {"node.toml", "keys/log.pem", "keys/identity.pem", "journal.sqlite"} <= set(paths)
    assert not {"log.lock", "log.lock.guard", "writer.lock", "index.duckdb"} & set(paths)


def test_blobs_of_the_archive_stay_there_unless_asked_for(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    root, archive = tracked_copy.layout.root, tmp_path / "archive"
    archive.mkdir()
    with tracked_copy.layout.config.open("a") as file:
        file.write(f'\n[storage]\narchive = "{archive}"\n')
    with tracked_copy.index() as index:
        row = index.one("SELECT digest FROM capture WHERE role = 'image' AND digest IS NOT NULL")
    assert row is not None
    image = Digest(row["digest"])
    assert vasculum("--node", root, "tier", "move", image, "--to", "archive").code == 0
    assert _back_up(vasculum, tracked_copy, tmp_path / "without.tar")["archived"] == 1
    assert _back_up(vasculum, tracked_copy, tmp_path / "with.tar", "--with-archive")["archived"] == 0
    assert not tracked_copy.active.contains(image)  # nothing was recalled
    for name, here in (("without", False), ("with", True)):
        restored = tmp_path / f"restored-{name}"
        said = vasculum("--node", restored, "--json", "restore", tmp_path / f"{name}.tar")
        assert (said.code, said.summary["archived"]) == (0, int(not here))
        node = open_node(Layout(restored))
        assert node.active.contains(image) is here
        assert node.store.contains(image)


def test_the_manifest_is_named_by_its_digest_and_lists_every_file(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    made = _back_up(vasculum, tracked_copy, tmp_path / "folder")
    (path,) = (tmp_path / "folder" / "manifests").iterdir()
    data = path.read_bytes()
    assert Digest.of(data).uri == made["manifest"]
    assert path.stem.endswith(Digest.of(data).hex)
    document = json.loads(data)
    assert len(document["files"]) == made["files"]
    for file in document["files"]:
        name = Digest.parse(file["digest"]).hex
        assert (tmp_path / "folder" / "files" / name[:2] / name[2:4] / name).stat().st_size == file["size"]
