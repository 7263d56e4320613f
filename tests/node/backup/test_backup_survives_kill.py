"""A backup or a restore that is killed at any instant goes on when it is run again."""

from __future__ import annotations

import math
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
PROGRAM = (sys.executable, "-m", "node.cli", "--quiet", "--node")


def _run_until_killed(grows: Path, until: float, *arguments: object) -> bool:
    """Kill the program when what it writes has so many bytes; whether it was killed before its end."""
    with subprocess.Popen([*PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if _bytes(grows) >= until:
                process.kill()
                process.wait()
                break
            time.sleep(0.001)
    assert process.returncode in {0, -signal.SIGKILL}
    return process.returncode != 0


def _bytes(place: Path) -> int:
    """What lies at a place, and in the partial file beside it."""
    total = 0
    for path in (place, place.with_name(f"{place.name}.partial"), *place.rglob("*")):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _later(place: Path, whole: int, chance: random.Random) -> float:
    """Some moment between now and the end, in bytes; the end itself is left out."""
    return _bytes(place) + chance.uniform(0.1, 0.8) * (whole - _bytes(place))


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
    for number in range(800):
        (source / str(number)).write_bytes(
            chance.randbytes(chance.choice((0, 20_000, 60_000))) + b"%d" % number
        )
    add_files(tracked_copy.active, sorted(source.iterdir()))
    root, place, restored = tracked_copy.layout.root, tmp_path / kind, tmp_path / "restored"
    whole = _bytes(root / "blobs")
    for _ in range(3):
        assert _run_until_killed(place, _later(place, whole, chance), root, "backup", place)
        assert vasculum("--node", tmp_path / "early", "restore", place).code != 0
    assert not _run_until_killed(place, math.inf, root, "backup", place)
    for _ in range(3):
        assert _run_until_killed(restored, _later(restored, whole, chance), restored, "restore", place)
        assert not (restored / "node.toml").exists()
    assert not _run_until_killed(restored, math.inf, restored, "restore", place)
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
