"""A backup or a restore that is killed at any instant goes on when it is run again."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import add_files
from node.compose import Node
from node.museum import Museum

Vasculum = Callable[..., Any]
_FILES = 800
_BYTES = 40 << 20
PROGRAM = (sys.executable, "-m", "node.cli", "--quiet", "--node")


def _run_until_killed(place: Path, until: float, *arguments: object) -> bool:
    """Kill the program when it has done so much of its work; whether it was killed before its end."""
    with subprocess.Popen([*PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if _done(place) >= until:
                process.kill()
                process.wait()
                break
            time.sleep(0.001)
    assert process.returncode in {0, -signal.SIGKILL}
    return process.returncode != 0


def _done(place: Path) -> float:
    """How much is done: bytes of a file that grows, or files that wait in a folder for their commit."""
    with suppress(FileNotFoundError):
        return place.with_name(f"{place.name}.partial").stat().st_size / _BYTES
    with suppress(FileNotFoundError):
        return sum(len(os.listdir(session)) for session in place.glob("blobs/tmp/session-*")) / _FILES
    return 0


def _missing_lock_only(vasculum: Vasculum, root: Path) -> bool:
    faults = vasculum("--node", root, "--json", "verify", "--deep").of("fault")
    return [(fault["kind"], fault["path"]) for fault in faults] == [("missing", "log.lock")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "file.tar"])
def test_killing_backups_and_restores_loses_nothing(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum, kind: str
) -> None:
    chance = random.Random(1735)
    source = tmp_path / "source"
    source.mkdir()
    for number in range(_FILES):
        (source / str(number)).write_bytes(b"%d" % number + chance.randbytes(_BYTES // _FILES))
    add_files(tracked_copy.active, sorted(source.iterdir()))
    root, place, restored = tracked_copy.layout.root, tmp_path / kind, tmp_path / "restored"
    killed = 0
    for part in (0.1, 0.4, 0.7, math.inf):
        again = _run_until_killed(place, part + chance.uniform(0, 0.2), root, "backup", place)
        if not again:
            break  # a machine that is busy elsewhere may come too late
        killed += 1
        assert vasculum("--node", tmp_path / "early", "restore", place).code != 0
    for part in (0.1, 0.4, 0.7, math.inf):
        again = _run_until_killed(restored, part + chance.uniform(0, 0.2), restored, "restore", place)
        if not again:
            break
        killed += 1
        assert not (restored / "node.toml").exists()
    assert killed >= 2
    assert _missing_lock_only(vasculum, restored)
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.slow
def test_each_backup_that_is_taken_while_a_crawl_runs_can_be_restored_and_takes_the_crawl_up(
    museum: Museum, fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    root = fresh.layout.root
    restored: list[Path] = []
    crawl = subprocess.Popen([*PROGRAM, str(root), "track", museum.archive_url], stdout=subprocess.DEVNULL)
    try:
        while crawl.poll() is None or not restored:
            said = vasculum("--node", root, "--json", "backup", tmp_path / "folder")
            assert said.code == 0, said.err
            restored.append(tmp_path / f"restored-{len(restored)}")
            assert vasculum("--node", restored[-1], "restore", tmp_path / "folder").code == 0
            assert _missing_lock_only(vasculum, restored[-1])
    finally:
        crawl.wait(60)
    assert crawl.returncode == 3  # two of the museum's images cannot be had
    status = {one: vasculum("--node", one, "--json", "status").summary for one in restored}
    within = [one for one in restored if status[one]["unfinished"]]
    assert within
    # Nobody has seen more of the log than the backup has, so it goes on from there.
    for one in (within[0], within[-1]):
        checkpoint = one / "log" / "checkpoint"
        assert vasculum("--node", one, "log", "restore-lock", "--checkpoint", checkpoint).code == 0
        assert vasculum("--node", one, "track", museum.archive_url).code == 3
        (unfinished,) = status[one]["unfinished"]
        crawls = vasculum("--node", one, "--json", "ls", "crawls").out
        assert crawls.count(unfinished["crawl"]) == 1
        assert vasculum("--node", one, "verify", "--deep").code == 0
