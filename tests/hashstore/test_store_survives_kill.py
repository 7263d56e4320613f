"""A store whose writer is killed at any instant keeps what it acknowledged, and holds nothing half."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hashstore.blobstore import DirectoryBlobStore, verify_store
from hashstore.digest import Digest

_ROUNDS = 46
_FILES = 120

_ADD = """
import sys
from pathlib import Path
from hashstore.blobstore import DirectoryBlobStore, add_files, ingest
ingest._BATCH_COUNT = 16  # many commits, so that many kills fall into one
store = DirectoryBlobStore(Path(sys.argv[1]))
paths = sorted(Path(sys.argv[2]).iterdir())
print("ready", flush=True)
add_files(store, paths, on_added=lambda added: print(added.digest.hex, flush=True))
"""


def _make_source(folder: Path, chance: random.Random) -> None:
    folder.mkdir()
    for number in range(_FILES):
        size = chance.choice((0, 10, 3000, 70_000, 400_000))
        (folder / f"{number:03}").write_bytes(chance.randbytes(size))


def _add_until_killed(root: Path, source: Path, chance: random.Random) -> list[Digest]:
    arguments = [sys.executable, "-c", _ADD, str(root), str(source)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        # After so many acknowledgements and a moment, so that slow and fast machines are hit alike.
        lines = [process.stdout.readline() for _ in range(chance.randrange(_FILES - 20))]
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        lines += process.stdout.readlines()
    # The last line may be cut off; what was not told whole was not acknowledged.
    return [Digest.parse(line.decode().strip()) for line in lines if line.endswith(b"\n")]


@pytest.mark.slow
def test_killing_the_writer_loses_nothing_acknowledged_and_leaves_nothing_half(tmp_path: Path) -> None:
    chance = random.Random(20240117)
    root = tmp_path / "blobs"
    acknowledged: set[Digest] = set()
    cut_short = left_over = 0
    for number in range(_ROUNDS):
        source = tmp_path / f"source-{number}"
        _make_source(source, chance)
        told = _add_until_killed(root, source, chance)
        acknowledged.update(told)
        cut_short += len(told) < _FILES
        store = DirectoryBlobStore(root)
        assert list(verify_store(store, expected=acknowledged)) == []
        left_over += store.sweep()
        assert not any((root / "tmp").glob("session-*"))
    store = DirectoryBlobStore(root)
    for digest in acknowledged:
        assert Digest.of(store.read(digest)) == digest
    # The kills must have fallen where they could do harm, or this test has proved nothing.
    assert cut_short > _ROUNDS // 2
    assert left_over > 0
    assert len(acknowledged) > _FILES
