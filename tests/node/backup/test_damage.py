"""A damaged backup is refused and named; a damaged node is not backed up as if it were whole."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.backup.errors import DamagedBackup
from node.backup.manifest import read_manifest
from node.compose import Node

Vasculum = Callable[..., Any]


@pytest.fixture
def backup(tracked_copy: Node, tmp_path: Path, vasculum: Vasculum) -> Path:
    assert vasculum("--node", tracked_copy.layout.root, "backup", tmp_path / "folder").code == 0
    return tmp_path / "folder"


def _document(backup: Path) -> dict[str, Any]:
    (path,) = (backup / "manifests").iterdir()
    return dict(json.loads(path.read_bytes()))


def _stored(backup: Path, kind: str, digest: str) -> Path:
    name = Digest.parse(digest).hex
    return backup / kind / name[:2] / name[2:4] / name


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["node.toml", "keys/identity.pem", "log/checkpoint", "log/tile/0/000.p/9"])
def test_each_damaged_file_is_named_and_no_node_comes_of_it(
    backup: Path, tmp_path: Path, vasculum: Vasculum, name: str
) -> None:
    (entry,) = (file for file in _document(backup)["files"] if file["path"] == name)
    path = _stored(backup, "files", entry["digest"])
    for harm in (_flip, Path.unlink):
        harm(path)
        said = vasculum("--node", tmp_path / "restored", "--json", "restore", backup)
        assert said.code == 4
        (fault,) = said.of("fault")
        assert name in fault["message"]
        assert str(backup) in fault["message"]
        assert not (tmp_path / "restored" / "node.toml").exists()


def test_every_damaged_blob_is_named_and_another_copy_mends_it(
    backup: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    shutil.copytree(backup, tmp_path / "good")
    blobs = sorted(path for path in (backup / "blobs").rglob("*") if len(path.name) == 64)
    for path in blobs[:3]:
        _flip(path)
    blobs[3].unlink()
    said = vasculum("--node", tmp_path / "restored", "--json", "restore", backup)
    assert (said.code, said.summary["faults"]) == (4, 4)
    told = "\n".join(fault["message"] for fault in said.of("fault"))
    assert all(path.name in told for path in blobs[:4])
    mended = vasculum(
        "--node", tmp_path / "restored", "--json", "restore", backup, "--base", tmp_path / "good"
    )
    assert (mended.code, mended.summary["copied"]) == (0, 4)


def test_a_damaged_manifest_or_list_is_refused(backup: Path, tmp_path: Path, vasculum: Vasculum) -> None:
    blobs = _stored(backup, "files", _document(backup)["blobs"]["list"])
    (manifest,) = (backup / "manifests").iterdir()
    for path in (blobs, manifest):
        _flip(path)
        said = vasculum("--node", tmp_path / path.name[:8], "restore", backup)
        assert said.code == 4
        assert path.name in said.err
        _flip(path)


def test_a_file_that_is_cut_off_has_no_manifest(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    place = tmp_path / "one.tar"
    assert vasculum("--node", tracked_copy.layout.root, "backup", place).code == 0
    place.chmod(0o600)
    with place.open("r+b") as file:
        file.truncate(place.stat().st_size // 2)
    said = vasculum("--node", tmp_path / "restored", "restore", place)
    assert said.code in {1, 4}
    assert str(place) in said.err


@pytest.mark.parametrize(
    "path",
    ["../outside", "/etc/passwd", "a/../../b", "log.lock", "x/y.guard", "blobs/aa", "index.duckdb", ""],
)
def test_a_manifest_cannot_write_outside_the_node_nor_bring_a_lock_back(backup: Path, path: str) -> None:
    document = _document(backup)
    document["files"][0]["path"] = path
    with pytest.raises(DamagedBackup):
        read_manifest(canonical_json(document), "it")


@pytest.mark.parametrize("change", [{"version": 2}, {"type": "Other"}, {"files": [1]}, {"log": {}}])
def test_a_manifest_of_another_form_is_refused(backup: Path, change: dict[str, Any]) -> None:
    with pytest.raises(DamagedBackup):
        read_manifest(canonical_json({**_document(backup), **change}), "it")


def test_reading_a_manifest_gives_back_what_was_written(backup: Path) -> None:
    (path,) = (backup / "manifests").iterdir()
    assert read_manifest(path.read_bytes(), "it").encode() == path.read_bytes()


def test_a_damaged_log_is_not_backed_up(tracked_copy: Node, tmp_path: Path, vasculum: Vasculum) -> None:
    _flip(tracked_copy.layout.log / "tile" / "0" / "000.p" / "9")
    said = vasculum("--node", tracked_copy.layout.root, "backup", tmp_path / "folder")
    assert said.code == 1
    assert "verify --deep" in said.err


@pytest.mark.parametrize("kind", ["folder", "file.tar"])
def test_a_damaged_blob_is_left_out_and_named(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    bad = sorted(tracked_copy.store.digests())[5]
    _flip(tracked_copy.active.path(bad))
    said = vasculum("--node", tracked_copy.layout.root, "--json", "backup", tmp_path / kind)
    assert (said.code, [one["digest"] for one in said.of("damaged")]) == (3, [bad.uri])
    restored = vasculum("--node", tmp_path / "restored", "--json", "restore", tmp_path / kind)
    assert (restored.code, restored.summary["copied"]) == (0, said.summary["copied"])


def test_other_peoples_folders_stay_as_they_are(
    tracked_copy: Node, backup: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    root = tracked_copy.layout.root
    assert vasculum("--node", root, "backup", mine).code == 1
    assert vasculum("--node", root, "backup", root / "inside").code == 1
    assert vasculum("--node", mine, "restore", backup).code == 1
    assert vasculum("--node", root, "restore", backup).code == 1
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_a_restore_that_finds_no_room_says_so_before_it_begins(
    backup: Path, tmp_path: Path, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    said = vasculum("--node", tmp_path / "restored", "restore", backup)
    assert said.code == 1
    assert "No room at" in said.err


@pytest.mark.parametrize("kind", ["folder", "file.tar"])
def test_a_disk_that_fills_up_is_a_clear_refusal_and_the_next_run_goes_on(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    command = [sys.executable, "-m", "node.cli", "--node", str(tracked_copy.layout.root)]

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    full = subprocess.run(
        [*command, "backup", str(tmp_path / kind)], preexec_fn=no_large_files, capture_output=True, text=True
    )
    assert full.returncode == 1
    assert "no room is left" in full.stderr
    assert "Traceback" not in full.stderr
    assert vasculum("--node", tracked_copy.layout.root, "backup", tmp_path / kind).code == 0
    assert vasculum("--node", tmp_path / "restored", "restore", tmp_path / kind).code == 0
