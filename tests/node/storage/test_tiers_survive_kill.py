"""A process that is killed while it moves blobs leaves each in at least one tier, whole."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import DirectoryBlobStore, add_files
from hashstore.digest import Digest
from node.storage import Tier, TieredBlobStore
from node.storage.address import open_archive, parse_address

_MOVER = """
import random, sys
from pathlib import Path
from hashstore.blobstore import DirectoryBlobStore
from node.storage import Tier, TieredBlobStore
from node.storage.address import open_archive, parse_address
active, address, seed = Path(sys.argv[1]), parse_address(sys.argv[2]), int(sys.argv[3])
store = TieredBlobStore(DirectoryBlobStore(active), lambda: open_archive(address, active))
chance, digests = random.Random(seed), list(store.digests())
print("ready", flush=True)
while True:
    digest = chance.choice(digests)
    chance.choice([
        lambda: store.move(digest, Tier.ARCHIVE), lambda: store.move(digest, Tier.ACTIVE),
        lambda: store.read(digest),
    ])()
    print("done", flush=True)
"""


def _move_until_killed(root: Path, address: str, chance: random.Random) -> None:
    arguments = [sys.executable, "-c", _MOVER, str(root), address, str(chance.random())[2:]]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for _ in range(chance.randrange(3)):
            process.stdout.readline()
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0, 0.03))
        else:  # while something is on its way
            until = time.monotonic() + 2
            while not _on_its_way(root, address) and time.monotonic() < until:
                pass
        process.kill()


def _on_its_way(*stores: object) -> int:
    """How many temporaries there are; none can be told while a process tidies its folder away."""
    try:
        return sum(1 for store in stores for _ in Path(str(store)).glob("tmp/session-*/[0-9]*"))
    except FileNotFoundError:
        return 0


def _holds_up(
    root: Path, address: str, blobs: dict[Digest, bytes], chance: random.Random, rounds: int
) -> None:
    active = DirectoryBlobStore(root)
    tiers = TieredBlobStore(active, lambda: open_archive(parse_address(address), root), recall=False)
    left_over = 0
    for _ in range(rounds):
        _move_until_killed(root, address, chance)
        left_over += _on_its_way(root, address)
        assert list(tiers.digests()) == sorted(blobs)
        for digest, data in blobs.items():
            assert tiers.tiers(digest)
            for tier in tiers.tiers(digest):
                assert (active if tier is Tier.ACTIVE else tiers.archive).read(digest) == data
        tiers.sweep()
    assert left_over > 0  # or the kills fell where they could do no harm


def _blobs(root: Path, source: Path, chance: random.Random) -> dict[Digest, bytes]:
    source.mkdir()
    contents = [chance.randbytes(chance.choice((0, 3000, 200_000, 3_000_000))) for _ in range(12)]
    for number, data in enumerate(contents):
        (source / str(number)).write_bytes(data)
    add_files(DirectoryBlobStore(root), sorted(source.iterdir()))
    return {Digest.of(data): data for data in contents}


@pytest.mark.slow
def test_killing_a_mover_loses_no_blob_in_two_folders(tmp_path: Path) -> None:
    chance = random.Random(1753)
    blobs = _blobs(tmp_path / "blobs", tmp_path / "source", chance)
    (tmp_path / "archive").mkdir()
    _holds_up(tmp_path / "blobs", str(tmp_path / "archive"), blobs, chance, 14)


@pytest.mark.slow
def test_killing_a_mover_loses_no_blob_between_a_folder_and_s3(
    s3_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    chance = random.Random(1758)
    blobs = _blobs(tmp_path / "blobs", tmp_path / "source", chance)
    _holds_up(tmp_path / "blobs", s3_server.new_place(), blobs, chance, 10)
