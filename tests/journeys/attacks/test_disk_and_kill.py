"""A disk that fills up while a node syncs, and `kill -9` at any moment: the next sync just goes on."""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import open_node
from node.create import create_node
from node.layout import Layout
from node.peers.add import add_peer

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import HostileNode, Publisher, Tell, Tools
    from tests.journeys.conftest import ForkServer, Strike

LOG = logging.getLogger("journeys")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
KILLS, IN_A_CHAIN, VERIFIED, STATEMENTS = 100, 25, 3, 12
FIRST, LAST = ("mirror", "blobs", "blobs/tmp"), ("peers.sqlite-wal", "index.duckdb.wal")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes; some machines let not even root mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path, leave: int) -> Path:
    filler = disk / "filler"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler.write_bytes(bytes(max(0, free - leave)))
    return filler


@pytest.mark.parametrize("leave", [0, 8 << 10, 48 << 10], ids=["nothing", "little", "some"])
def test_a_disk_that_fills_up_while_syncing_loses_nothing(
    tell: Tell, publisher: Publisher, small_disk: Path, leave: int
) -> None:
    story = tell(1, small_disk / "follower")
    with (small_disk / "follower" / "node.toml").open("a") as settings:
        settings.write("[follow]\nkeep_free = 0\n")  # else nothing would even be begun on so small a disk
    story.server.root = publisher.second
    filler = _fill(small_disk, leave)
    said = story.sync()
    assert said.status in (1, 3), (said.out, said.err)
    assert "Traceback" not in said.err
    filler.unlink()
    story.sound()
    story.heals()
    story.sound()


@pytest.fixture
def long_log(publisher: Publisher, tools: type[Tools], tmp_path: Path) -> Path:
    """A node whose log has many statements with rows, so that a sync takes long enough to be killed."""
    node = publisher.copy(tmp_path / "long")
    leaves = []
    for number in range(STATEMENTS):
        segment = tools.captures(node, {"url": f"https://museum.example/{number}.jpg"})
        leaves += tools.leaves_of(tools.crawl(node, segment), segment)
    node.log.append(leaves)
    return node.layout.root


def test_sync_survives_a_kill_at_any_moment(
    forked: ForkServer,
    strike: type[Strike],
    long_log: Path,
    hostile: Callable[[Path], HostileNode],
    tmp_path: Path,
) -> None:
    chance, begun = random.Random(2024), time.monotonic()
    server = hostile(long_log)
    create_node(Layout(tmp_path / "new"), "Follower", "follower.test/log")
    add_peer(open_node(Layout(tmp_path / "new")), server.url, log=None, key=None)
    shutil.copytree(tmp_path / "new", tmp_path / "timed")
    before = time.monotonic()
    assert forked.run("--node", tmp_path / "timed", "sync").status == 0
    hand = Hand(forked, strike, chance, time.monotonic() - before)
    for chain in range(KILLS):
        root = tmp_path / f"chain-{chain}"
        shutil.copytree(tmp_path / "new", root)
        hand.chain(root)
        assert forked.run("--node", root, "--json", "sync").summary["partial"] == 0
        _is_whole(root)
        if chain < VERIFIED:
            verified = forked.run("--node", root, "--json", "verify", "--deep")
            assert verified.status == 0, verified.out
        if hand.kills >= KILLS:
            break
    LOG.info(f"sync: {hand.kills} kills in {time.monotonic() - begun:.0f} s")
    assert hand.kills >= KILLS


@dataclass
class Hand:
    """Strikes at a node that syncs, again and again, until a sync was quicker."""

    forked: ForkServer
    strike: type[Strike]
    chance: random.Random
    seconds: float
    kills: int = 0

    def chain(self, root: Path) -> None:
        """Kill one node's syncs."""
        for number in range(IN_A_CHAIN):
            moment = self._moment(root, number)
            killed = self.forked.kill(moment, "--node", root, "--json", "sync").status == -9
            _nothing_went_back(root)
            self.kills += killed
            if not killed:
                return

    def _moment(self, root: Path, number: int) -> Strike:
        """When to strike: as the first things are written, at any moment, or as the last ones are."""
        if number % 6 not in (0, 5):
            return self.strike(self.chance.uniform(0, self.seconds * 0.5))
        watched = LAST if number % 6 == 5 else FIRST if number == 0 else ("blobs/tmp",)
        return self.strike(self.chance.uniform(0, 0.02), watch=root / self.chance.choice(watched))


def _is_whole(root: Path) -> None:
    with open_node(Layout(root)).index() as index:
        count = index.one("SELECT count(*) AS n FROM capture WHERE log = 1")
    assert count == {"n": STATEMENTS + 3}
    assert list((root / "blobs" / "tmp").glob("session-*/[0-9]*")) == []


def _nothing_went_back(root: Path) -> None:
    """What was taken is in the mirror, whatever was killed."""
    node = open_node(Layout(root))
    (log,) = node.peers.logs()
    assert node.peers.taken(log.origin) <= node.followed(log).head().size
