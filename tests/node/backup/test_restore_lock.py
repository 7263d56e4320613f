"""A restored node never signs a second history of its log."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from node.compose import Node, open_node
from node.layout import Layout
from provenance.log.checkpoint import EMPTY_HEAD, Checkpoint
from provenance.log.log import Log

Vasculum = Callable[..., Any]


@pytest.fixture
def restored(tracked_copy: Node, tmp_path: Path, vasculum: Vasculum) -> Path:
    """A node that was backed up, and then lost."""
    assert vasculum("--node", tracked_copy.layout.root, "backup", tmp_path / "folder").code == 0
    assert vasculum("--node", tmp_path / "restored", "restore", tmp_path / "folder").code == 0
    return tmp_path / "restored"


def _restore_lock(vasculum: Vasculum, root: Path, *checkpoints: object) -> Any:
    arguments = [part for one in checkpoints for part in ("--checkpoint", one)]
    return vasculum("--node", root, "--json", "log", "restore-lock", *arguments)


def _add(vasculum: Vasculum, root: Path, folder: Path, text: str) -> int:
    (folder / "sheet.txt").write_text(text)
    return int(vasculum("--node", root, "add", folder / "sheet.txt").code)


def test_a_node_that_is_behind_what_others_know_stays_shut(
    tracked_copy: Node, restored: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    old = tmp_path / "old-checkpoint"
    shutil.copy(tracked_copy.layout.log / "checkpoint", old)
    assert _add(vasculum, tracked_copy.layout.root, tmp_path, "after the backup") == 0
    said = _restore_lock(vasculum, restored, old, tracked_copy.layout.log / "checkpoint")
    assert said.code == 1
    assert "succeed the log" in said.err
    assert not (restored / "log.lock").exists()
    assert _add(vasculum, restored, tmp_path, "a second history") == 1


def test_the_biggest_checkpoint_counts_and_older_ones_do_no_harm(
    tracked_copy: Node, restored: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(Checkpoint(tracked_copy.log_key.name, EMPTY_HEAD).sign(tracked_copy.log._signer))
    said = _restore_lock(vasculum, restored, empty, tracked_copy.layout.log / "checkpoint", empty)
    assert (said.code, said.summary["newestKnown"]) == (0, tracked_copy.reader.head().size)


def test_checkpoints_that_contradict_the_log_are_proof_of_a_fork(
    tracked_copy: Node, restored: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    node = open_node(Layout(tracked_copy.layout.root))
    forged = Log(tmp_path / "fork", node.config.identity.origin, node.log._signer)
    forged.append([b"another history"])
    small = (tmp_path / "fork" / "checkpoint").read_bytes()
    (tmp_path / "small").write_bytes(small)
    said = _restore_lock(vasculum, restored, tmp_path / "small", node.layout.log / "checkpoint")
    assert said.code == 4
    assert "forked" in said.err
    forged.append([b"%d" % number for number in range(node.reader.head().size - 1)])
    said = _restore_lock(vasculum, restored, tmp_path / "fork" / "checkpoint", node.layout.log / "checkpoint")
    assert said.code == 4
    assert not (restored / "log.lock").exists()


def test_what_is_no_checkpoint_of_this_log_is_refused(
    fresh: Node, restored: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    for other in (fresh.layout.log / "checkpoint", fresh.layout.config, tmp_path / "absent"):
        assert _restore_lock(vasculum, restored, other).code == 1
    assert not (restored / "log.lock").exists()


def test_a_lock_that_is_there_is_not_replaced(tracked_copy: Node, vasculum: Vasculum) -> None:
    lock = tracked_copy.layout.log_lock.read_bytes()
    said = _restore_lock(vasculum, tracked_copy.layout.root, tracked_copy.layout.log / "checkpoint")
    assert said.code == 1
    assert tracked_copy.layout.log_lock.read_bytes() == lock


@pytest.fixture
def web(tracked_copy: Node) -> Iterator[str]:
    """The log as any web server serves it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tracked_copy.layout.log))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_checkpoint_may_come_from_a_peers_address(restored: Path, web: str, vasculum: Vasculum) -> None:
    assert _restore_lock(vasculum, restored, f"{web}/absent").code == 1
    assert _restore_lock(vasculum, restored, f"{web}/checkpoint").code == 0
    assert vasculum("--node", restored, "verify", "--deep").code == 0


def test_a_restore_never_writes_over_a_node_that_lives(
    restored: Path, tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    assert _restore_lock(vasculum, restored, tracked_copy.layout.log / "checkpoint").code == 0
    assert _add(vasculum, restored, tmp_path, "signed on") == 0
    signed = (restored / "log" / "checkpoint").read_bytes()
    # As if the restore had been killed just before it tidied up.
    manifest = next((tmp_path / "folder" / "manifests").iterdir()).stem.rpartition("-")[2]
    (restored / "restore.json").write_text(f'{{"manifest": "hash://sha256/{manifest}"}}')
    said = vasculum("--node", restored, "restore", tmp_path / "folder")
    assert said.code == 1
    assert "There is a node at" in said.err
    assert (restored / "log" / "checkpoint").read_bytes() == signed
