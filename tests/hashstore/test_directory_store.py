"""What the directory store promises beyond the contract: layout, durability, manners towards others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import (
    Added,
    BlobStore,
    DirectoryBlobStore,
    MemoryBlobStore,
    add_bytes,
    add_files,
    durable,
    landing,
    temporaries,
    verify_store,
)
from hashstore.digest import Digest
from hashstore.errors import StoreFull, StoreUnusable, UnreadableSource


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobStore:
    return DirectoryBlobStore(tmp_path / "blobs")


def _temporaries(store: DirectoryBlobStore) -> list[Path]:
    return [path for path in (store.root / "tmp").rglob("*") if path.is_file() and path.name != "lock"]


def test_a_blob_lies_under_its_first_two_bytes(store: DirectoryBlobStore) -> None:
    digest = add_bytes(store, b"abc")
    assert digest.hex.startswith("ba7816bf")
    assert (store.root / "ba" / "78" / digest.hex).read_bytes() == b"abc"
    assert store.path(digest) == store.root / "ba" / "78" / digest.hex


def test_blobs_are_read_only_files(store: DirectoryBlobStore) -> None:
    assert store.path(add_bytes(store, b"abc")).stat().st_mode & 0o222 == 0


def test_sha256sum_alone_verifies_the_store(
    store: DirectoryBlobStore, needs_program: Callable[[str], str]
) -> None:
    digests = [add_bytes(store, str(number).encode()) for number in range(5)]
    listing = "".join(f"{digest.hex}  {store.path(digest)}\n" for digest in digests)
    program = needs_program("sha256sum")
    assert (
        subprocess.run([program, "--check", "--status"], input=listing.encode(), check=False).returncode == 0
    )


def test_opening_and_reading_a_store_writes_nothing(tmp_path: Path) -> None:
    store = DirectoryBlobStore(tmp_path / "absent")
    assert list(store.digests()) == []
    assert not store.contains(Digest.of(b""))
    assert list(verify_store(store)) == []
    assert store.sweep() == 0
    assert not (tmp_path / "absent").exists()


def test_nothing_has_a_final_name_before_its_bytes_are_on_the_disk(
    store: DirectoryBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, rename = durable.sync_path, os.rename

    def recorded_sync(path: str) -> None:
        events.append("folder" if os.path.isdir(path) else "data")
        sync(path)

    def recorded_rename(old: str, new: str) -> None:
        events.append("rename")
        rename(old, new)

    monkeypatch.setattr(durable, "sync_path", recorded_sync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    add_bytes(store, b"abc")
    assert events[:2] == ["data", "rename"]
    # aa/bb, aa, the root and what holds the root: all four may have got a new name in them.
    assert events[2:] == ["folder"] * 4
    events.clear()
    add_bytes(store, b"abc")
    assert events == ["folder"], "a blob that another process landed must be durable, too, before we say so"


@pytest.mark.parametrize("count", [3, 40])
def test_a_failing_disk_lands_nothing_and_leaves_no_temporaries(
    store: DirectoryBlobStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    def broken(path: str) -> None:
        raise OSError(errno.EIO, "Input/output error", path)

    batch = []
    for number in range(count):
        with store.stage() as staging:
            staging.write(str(number).encode())
            batch.append(staging.seal())
    monkeypatch.setattr(durable, "sync_path", broken)
    monkeypatch.setattr(durable, "sync_filesystem", broken)
    with pytest.raises(StoreUnusable, match="Input/output error"):
        store.commit(batch)
    assert list(store.digests()) == []
    assert _temporaries(store) == []


def test_a_refused_syncfs_is_an_error() -> None:
    with pytest.raises(OSError, match="No such file"):
        durable.sync_filesystem("/nonexistent")


def test_many_blobs_land_by_syncfs(store: DirectoryBlobStore) -> None:
    batch = []
    for number in range(200):
        with store.stage() as staging:
            staging.write(str(number).encode())
            batch.append(staging.seal())
    store.commit(batch)
    assert set(store.digests()) == {one.digest for one in batch}
    assert list(verify_store(store)) == []


_FILL = """
import resource, sys
from pathlib import Path
from typing import Any
from hashstore.blobstore import DirectoryBlobStore, add_files
from hashstore.errors import StoreFull
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
store = DirectoryBlobStore(Path(sys.argv[1]))
acknowledged = []
try:
    paths = sorted(Path(sys.argv[2]).iterdir())
    add_files(store, paths, on_added=lambda one: acknowledged.append(one.digest))
except StoreFull as error:
    left = [p for p in store.root.glob("tmp/*/*") if p.name != "lock"]
    print(error, left, all(store.contains(one) for one in acknowledged))
"""


def test_a_full_disk_is_told_plainly_and_leaves_no_temporaries(tmp_path: Path) -> None:
    """The kernel's own limit on file sizes stands for the full disk; it needs no rights to set."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(20):
        (source / f"{number:02}").write_bytes(bytes([number]) * 1000)
    (source / "15").write_bytes(bytes(9_000_000))
    arguments = [sys.executable, "-c", _FILL, str(tmp_path / "blobs"), str(source)]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert told.startswith("no room is left while writing the temporary")
    assert told.endswith("[] True\n")


def test_no_room_and_no_rights_are_different_errors() -> None:
    assert isinstance(durable.translated(OSError(errno.ENOSPC, "x"), "y"), StoreFull)
    assert isinstance(durable.translated(OSError(errno.EDQUOT, "x"), "y"), StoreFull)
    assert not isinstance(durable.translated(OSError(errno.EACCES, "x"), "y"), StoreFull)


_AS_NOBODY = """
import os, sys
from pathlib import Path
from typing import Any
from hashstore.blobstore import DirectoryBlobStore, add_bytes, verify_store
from hashstore.errors import StoreUnusable
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
store = DirectoryBlobStore(Path(sys.argv[1]))
assert [store.read(digest) for digest in store.digests()] == [b"abc"]
assert list(verify_store(store)) == []
for change in (lambda: add_bytes(store, b"new"), lambda: store.remove(next(store.digests())), store.sweep):
    try:
        change()
    except StoreUnusable as error:
        print(error)
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="vasculum-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_read_only_store_is_read_and_refuses_to_be_written(public_folder: Path) -> None:
    store = DirectoryBlobStore(public_folder / "blobs")
    path = store.path(add_bytes(store, b"abc"))
    for folder in (path.parent, path.parent.parent, store.root, store.root / "tmp"):
        folder.chmod(0o555)
    arguments = [sys.executable, "-c", _AS_NOBODY, str(store.root)]
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    finally:
        for folder in (store.root, store.root / "tmp", path.parent.parent, path.parent):
            folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Permission denied") == 3


def test_a_dead_process_is_swept_up_after_and_a_living_one_is_not(tmp_path: Path) -> None:
    root = tmp_path / "blobs"
    code = (
        "import os, sys; from pathlib import Path; from hashstore.blobstore import DirectoryBlobStore\n"
        "store = DirectoryBlobStore(Path(sys.argv[1])); staging = store.stage(); staging.write(b'half')\n"
        "print('staged', flush=True); sys.stdin.readline()\n"
        "os.kill(os.getpid(), 9)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"staged\n"
        store = DirectoryBlobStore(root)
        assert store.sweep() == 0
        assert len(_temporaries(store)) == 1
        other.stdin.write(b"die\n")
    assert other.returncode == -9
    assert store.sweep() == 1
    assert [entry.name for entry in (root / "tmp").iterdir()] == ["lock"]


def test_leftovers_are_swept_when_the_next_blob_is_staged(store: DirectoryBlobStore) -> None:
    dead = store.root / "tmp" / "session-0000000000000000"
    dead.mkdir(parents=True)
    (dead / "1").write_bytes(b"half")
    add_bytes(store, b"abc")
    assert not dead.exists()


def test_a_session_that_ends_takes_its_folder_with_it(tmp_path: Path) -> None:
    session = temporaries.Session(str(tmp_path))
    Path(session.new_path()).write_bytes(b"half")
    session.close()
    assert [entry.name for entry in (tmp_path / "tmp").iterdir()] == ["lock"]


def test_a_forked_child_stages_under_names_of_its_own(store: DirectoryBlobStore) -> None:
    with store.stage() as staging:
        staging.write(b"parent")
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if add_bytes(store, b"child") == Digest.of(b"child") else 1)
            except BaseException:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        sealed = staging.seal()
    store.commit([sealed])
    assert set(store.digests()) == {Digest.of(b"parent"), Digest.of(b"child")}


def test_threads_may_add_the_same_bytes_at_once(store: DirectoryBlobStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda number: add_bytes(store, str(number % 5).encode()), range(80)))
    assert digests == set(store.digests())
    assert list(verify_store(store)) == []


_ADD_ALL = (
    "import sys; from pathlib import Path; from hashstore.blobstore import DirectoryBlobStore, add_files\n"
    "report = add_files(DirectoryBlobStore(Path(sys.argv[1])), sorted(Path(sys.argv[2]).iterdir()))\n"
    "print(report.files)"
)


def test_two_processes_may_add_the_same_files_at_once(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(300):
        (source / f"{number:03}").write_bytes(str(number).encode() * 500)
    arguments = [sys.executable, "-c", _ADD_ALL, str(tmp_path / "blobs"), str(source)]
    both = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == ["300\n", "300\n"]
    store = DirectoryBlobStore(tmp_path / "blobs")
    assert list(verify_store(store, expected=[Digest.of(p.read_bytes()) for p in source.iterdir()])) == []
    assert len(list(store.digests())) == 300


def test_a_sealed_blob_of_another_store_is_refused(store: DirectoryBlobStore) -> None:
    with MemoryBlobStore().stage() as staging:
        sealed = staging.seal()
    with pytest.raises(StoreUnusable, match="not staged in the store"):
        store.commit([sealed])


def test_folders_that_somebody_tidied_away_are_made_again(store: DirectoryBlobStore) -> None:
    digest = add_bytes(store, b"abc")
    store.remove(digest)
    store.path(digest).parent.rmdir()
    store.path(digest).parent.parent.rmdir()
    assert add_bytes(store, b"abc") == digest
    assert store.read(digest) == b"abc"


def test_a_pipe_is_no_file_to_add_and_stops_nobody(store: DirectoryBlobStore, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    report = add_files(store, [pipe])
    assert [one.reason for one in report.unreadable] == [f"{pipe}: it is not a regular file"]


def test_an_error_in_the_callers_code_leaves_no_temporaries(
    store: DirectoryBlobStore, tmp_path: Path
) -> None:
    paths = [tmp_path / str(number) for number in range(100)]
    for path in paths:
        path.write_bytes(path.name.encode())

    def stop(added: Added) -> None:
        raise UnreadableSource("the caller's own trouble")

    with pytest.raises(UnreadableSource, match="own trouble"):
        add_files(store, paths, on_added=stop)
    assert _temporaries(store) == []
    assert list(verify_store(store)) == []


def test_slow_sources_are_acknowledged_while_they_come(store: BlobStore, tmp_path: Path) -> None:
    """A batch does not wait to be full for longer than a few seconds; here it is made to feel old at once."""
    acknowledged = threading.Event()
    waited: list[bool] = []

    def slowly() -> object:
        for number in range(200):
            path = tmp_path / str(number)
            path.write_bytes(path.name.encode())
            yield path
        waited.append(acknowledged.is_set())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hashstore.blobstore.ingest._BATCH_SECONDS", 0.0)
        add_files(store, slowly(), on_added=lambda *_: acknowledged.set())  # type: ignore[arg-type]
    assert waited == [True]


def test_a_disk_that_fills_while_batches_land_keeps_what_was_acknowledged(
    store: DirectoryBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third batch meets a full disk; the first two stay, everything later is gone without trace."""
    paths = [tmp_path / f"{number:03}" for number in range(200)]
    for path in paths:
        path.write_bytes(path.name.encode())
    acknowledged: list[Digest] = []
    landed = 0
    land = landing.land

    def filling(*arguments: Any) -> None:
        nonlocal landed
        landed += 1
        if landed == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        land(*arguments)

    monkeypatch.setattr("hashstore.blobstore.directory.land", filling)
    monkeypatch.setattr("hashstore.blobstore.ingest._BATCH_COUNT", 32)
    with pytest.raises(StoreFull, match="add the same files again"):
        add_files(store, paths, on_added=lambda added: acknowledged.append(added.digest))
    assert acknowledged == [Digest.of(path.read_bytes()) for path in paths[: len(acknowledged)]]
    assert len(acknowledged) == 64
    assert set(acknowledged) == set(store.digests())
    assert _temporaries(store) == []


def test_a_store_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnusable, match="making a temporary under"):
        add_bytes(DirectoryBlobStore(tmp_path / "file" / "blobs"), b"abc")


def test_an_abandoned_staging_leaves_no_temporary(store: DirectoryBlobStore) -> None:
    staging = store.stage()
    staging.write(b"forgotten")
    del staging
    assert _temporaries(store) == []


def test_processes_may_leave_while_others_sweep(store: DirectoryBlobStore) -> None:
    add_bytes(store, b"so that the folder is there")
    code = (
        "import sys\nfrom hashstore.blobstore import temporaries\n"
        "for _ in range(400): temporaries.Session(sys.argv[1]).close()"
    )
    leaving = subprocess.Popen([sys.executable, "-c", code, store.root])
    sweeps = 0
    while leaving.poll() is None:
        store.sweep()
        sweeps += 1
    assert leaving.returncode == 0
    assert sweeps > 10
    assert _temporaries(store) == []
