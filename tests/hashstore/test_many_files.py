"""Beyond a few files, processes beside this one stage them; nothing else may differ."""

from __future__ import annotations

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from hashstore.blobstore import Added, DirectoryBlobStore, add_files, verify_store
from hashstore.blobstore.stagers import StagingProcess
from hashstore.digest import Digest
from hashstore.errors import StoreFull, StoreUnusable, UnreadableSource

COUNT = 1_500


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobStore:
    return DirectoryBlobStore(tmp_path / "blobs")


def _temporaries(store: DirectoryBlobStore) -> list[Path]:
    return [path for path in (store.root / "tmp").rglob("*") if path.is_file() and path.name != "lock"]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "many"
    folder.mkdir()
    paths = [folder / f"{number:04} \udcff.bin" for number in range(COUNT)]
    for number, path in enumerate(paths):
        path.write_bytes(str(number // 2).encode())  # each file twice
    return paths


def test_many_files_are_acknowledged_in_order_with_their_digests(
    store: DirectoryBlobStore, files: list[Path], tmp_path: Path
) -> None:
    absent, odd = tmp_path / "absent", tmp_path / "folder"
    odd.mkdir()
    told: list[Added] = []
    asked = [*files, absent, odd, files[0]]
    report = add_files(store, asked, on_added=told.append)
    assert [one.path for one in told] == [*files, files[0]]
    assert all(one.digest == Digest.of(one.path.read_bytes()) for one in told)
    assert all(one.head == one.path.read_bytes()[:256] for one in told)
    assert (report.files, [one.path for one in report.unreadable]) == (COUNT + 1, [absent, odd])
    assert set(store.digests()) == {one.digest for one in told}
    assert list(verify_store(store)) == []
    assert _temporaries(store) == []


def test_many_files_leave_nothing_behind_when_the_caller_stops(
    store: DirectoryBlobStore, files: list[Path]
) -> None:
    def stop(added: Added) -> None:
        raise UnreadableSource("the caller's own trouble")

    with pytest.raises(UnreadableSource, match="own trouble"):
        add_files(store, files, on_added=stop)
    assert _temporaries(store) == []
    assert list(verify_store(store)) == []


@pytest.mark.slow
def test_a_stager_that_is_killed_is_told_of_and_costs_nothing_acknowledged(
    store: DirectoryBlobStore, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashstore.blobstore.ingest._BATCH_COUNT", 64)
    acknowledged: list[Digest] = []

    def kill(added: Added) -> None:
        acknowledged.append(added.digest)
        if len(acknowledged) == 600:
            for child in _stagers():
                os.kill(child, signal.SIGKILL)

    with pytest.raises(StoreUnusable, match="Add the same files again"):
        add_files(store, (path for path in files * 20), on_added=kill)
    assert set(acknowledged) <= set(store.digests())
    assert list(verify_store(store)) == []
    store.sweep()
    assert add_files(store, files).files == COUNT


def test_a_full_disk_is_told_of_as_such(store: DirectoryBlobStore, files: list[Path], tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(2 << 20))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(StoreFull, match="Free some space"):
            add_files(store, [*files, large])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert _temporaries(store) == []


@pytest.mark.parametrize("room", [0, 1])
def test_a_machine_without_room_for_processes_adds_them_all_the_same(
    store: DirectoryBlobStore, files: list[Path], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    begun: list[StagingProcess] = []

    def begin(root: Path) -> StagingProcess:
        if len(begun) == room:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        begun.append(StagingProcess(root))
        return begun[-1]

    monkeypatch.setattr("hashstore.blobstore.stagers.StagingProcess", begin)
    assert add_files(store, files).files == COUNT
    assert len(begun) == room
    assert list(verify_store(store)) == []


def _stagers() -> list[int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in map(int, children) if b"stager" in Path(f"/proc/{pid}/cmdline").read_bytes()]
