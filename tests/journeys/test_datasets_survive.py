"""`kill -9` at any moment and a full disk while a dataset is made or fetched: the next run goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.compose import open_node
from node.create import create_node
from node.layout import Layout
from node.museum import Museum

if TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.journeys.conftest import ForkServer, Strike

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
KILLS = 8
CREATE = (
    "dataset", "create", "--title", "All of it", "--license", "CC-BY-NC-4.0", "--label-by", "class",
    "--split", "60/20/20", "--stratify",
)  # fmt: skip


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory, drawings_directory: Path) -> Path:
    """A node that tracked the museum."""
    from node.cli.main import run

    root = tmp_path_factory.mktemp("dataset-maker") / "alder"
    create_node(Layout(root), "Alder Herbarium", "alder.test/log")
    with Museum(drawings_directory) as museum:
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
    return root


@pytest.fixture(scope="module")
def made(tracked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same with a dataset, and the dataset's digest."""
    from node.cli.main import run
    from node.datasets.known import find_dataset

    root = tmp_path_factory.mktemp("dataset-made") / "alder"
    shutil.copytree(tracked, root)
    assert run(["--node", str(root), "--quiet", *CREATE]) == 0
    node = open_node(Layout(root))
    with node.index() as index:
        return root, find_dataset(node, index, "All of it").digest.uri


def _empty(root: Path) -> Path:
    create_node(Layout(root), "Birch Herbarium", "birch.test/log")
    return root


def _no_rest(root: Path) -> None:
    assert list((root / "blobs" / "tmp").glob("session-*/[0-9]*")) == []
    for digest in open_node(Layout(root)).store.digests():
        assert Digest.of(open_node(Layout(root)).store.read(digest)) == digest


def test_fetching_goes_on_after_kills(
    forked: ForkServer, strike: type[Strike], made: tuple[Path, str], serve: Serve, tmp_path: Path
) -> None:
    (maker, digest), chance = made, random.Random(2026)
    url = serve(maker).url
    root, killed = _empty(tmp_path / "birch"), 0
    order = ("--node", root, "--json", "dataset", "fetch", digest, "--from", url, "--follow")
    watched = ("blobs/tmp", "blobs", "index.duckdb.wal", "peers.sqlite-wal")
    for number in range(KILLS):
        moment = strike(chance.uniform(0, 0.1), watch=root / watched[number % len(watched)])
        killed += forked.kill(moment, *order).status == -9
    said = forked.run(*order)
    assert said.status == 0, said.err
    assert (said.summary["identical"], said.summary["missing"]) == (True, 0)
    assert killed >= KILLS // 3
    _no_rest(root)


def test_making_is_all_or_nothing_under_kills(
    forked: ForkServer, strike: type[Strike], tracked: Path, tmp_path: Path
) -> None:
    chance, killed = random.Random(7), 0
    root = tmp_path / "alder"
    shutil.copytree(tracked, root)
    before = open_node(Layout(root)).reader.head().size
    for number in range(KILLS):
        watch = root / ("blobs/tmp", "log/checkpoint", "log.lock", "blobs")[number % 4]
        killed += (
            forked.kill(strike(chance.uniform(0, 0.2), watch=watch), "--node", root, *CREATE).status == -9
        )
        listed = forked.run("--node", root, "--json", "dataset", "ls")
        assert listed.status == 0, listed.err
        grown = open_node(Layout(root)).reader.head().size - before
        # A slice and its dataset, both or neither.
        assert grown == 2 * listed.summary["listed"]
    assert killed >= KILLS // 3
    assert forked.run("--node", root, *CREATE).status == 0
    checked = forked.run("--node", root, "--json", "dataset", "show", "All of it", "--check")
    assert (checked.status, checked.summary["identical"]) == (0, True)
    _no_rest(root)


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
    """Fill a disk but for so many bytes; gives the file that does."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(bytes(max(0, free - leave)))
    return disk / "filler"


@pytest.mark.parametrize("leave", [0, 8 << 10], ids=["nothing", "nearly nothing"])
def test_a_disk_that_fills_up_while_making_is_told_and_nothing_is_half_made(
    forked: ForkServer, tracked: Path, small_disk: Path, leave: int
) -> None:
    root = small_disk / "alder"
    shutil.copytree(tracked, root)
    before = set((root / "blobs").rglob("*")), open_node(Layout(root)).reader.head().size
    filler = _fill(small_disk, leave)
    said = forked.run("--node", root, *CREATE)
    assert said.status == 1, said.out
    assert "Free some space" in said.err
    filler.unlink()
    _no_rest(root)
    left = {path for path in (root / "blobs").rglob("*") if "tmp" not in path.parts}
    assert left <= before[0]
    assert open_node(Layout(root)).reader.head().size == before[1]
    assert forked.run("--node", root, *CREATE).status == 0
    assert forked.run("--node", root, "dataset", "show", "All of it", "--check").status == 0


@pytest.mark.parametrize("leave", [32 << 10, 2 << 20], ids=["nearly nothing", "little"])
def test_a_disk_that_fills_up_while_fetching_is_told_and_the_next_run_goes_on(
    forked: ForkServer, made: tuple[Path, str], serve: Serve, small_disk: Path, leave: int
) -> None:
    maker, digest = made
    root, url = _empty(small_disk / "birch"), serve(maker).url
    with (root / "node.toml").open("a") as settings:
        settings.write("\n[follow]\nkeep_free = 0\n")  # else nothing would even be begun on so small a disk
    filler = _fill(small_disk, leave)
    order = ("--node", root, "--json", "dataset", "fetch", digest, "--from", url, "--follow")
    said = forked.run(*order)
    assert said.status == 1, said.out
    assert "Traceback" not in said.err
    assert "Error: " in said.err
    filler.unlink()
    again = forked.run(*order)
    assert again.status == 0, again.err
    assert again.summary["identical"]
    _no_rest(root)
