"""Files that are staged before anybody adds them: they land when they are taken, and else leave nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hashstore.blobstore import Added, DirectoryBlobStore, StagedAhead, add_staged, verify_store
from hashstore.digest import Digest


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobStore:
    return DirectoryBlobStore(tmp_path / "blobs")


def _files(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number:05}" for number in range(count)]
    for path in paths:
        path.write_text(path.name)
    return paths


def _temporaries(store: DirectoryBlobStore) -> list[Path]:
    return [path for path in (store.root / "tmp").rglob("*") if path.is_file() and path.name != "lock"]


@pytest.mark.parametrize("count", [1, 40, 700])  # a chunk, some, and so many that processes stage them
@pytest.mark.parametrize("begun", [True, False])
def test_what_is_taken_lands_in_order(
    store: DirectoryBlobStore, tmp_path: Path, count: int, begun: bool
) -> None:
    paths = _files(tmp_path / "files", count)
    told: list[Added] = []
    with StagedAhead(DirectoryBlobStore(store.root), iter(paths)) as staged:
        if begun:
            staged.begin()
            assert not list(store.digests())
        report = add_staged(store, staged, told.append)
    assert (report.files, [one.path for one in told]) == (count, paths)
    assert {one.digest for one in told} == set(store.digests()) == {Digest.of(p.read_bytes()) for p in paths}
    assert list(verify_store(store)) == []
    assert _temporaries(store) == []


@pytest.mark.parametrize("count", [40, 700])
def test_what_nobody_takes_leaves_nothing(store: DirectoryBlobStore, tmp_path: Path, count: int) -> None:
    with StagedAhead(store, iter(_files(tmp_path / "files", count))) as staged:
        staged.begin()
    assert list(store.digests()) == []
    assert _temporaries(store) == []
