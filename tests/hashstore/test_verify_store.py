"""Verification names every file that is not what and where it should be, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashstore.blobstore import DirectoryBlobStore, add_bytes, verify_store
from hashstore.digest import Digest
from hashstore.errors import StoreUnusable


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobStore:
    store = DirectoryBlobStore(tmp_path / "blobs")
    for number in range(30):
        add_bytes(store, str(number).encode() * 1000)
    return store


def _named(store: DirectoryBlobStore) -> set[tuple[str, str]]:
    return {(fault.kind, str(fault.path.relative_to(store.root))) for fault in verify_store(store)}


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_sound_store_has_no_faults(store: DirectoryBlobStore) -> None:
    assert list(verify_store(store, expected=list(store.digests()))) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_found_and_named(store: DirectoryBlobStore, data: st.DataObject) -> None:
    digest = data.draw(st.sampled_from(list(store.digests())))
    path = store.path(digest)
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    flipped = bytearray(good)
    flipped[place] ^= data.draw(st.integers(1, 255))
    _overwrite(path, bytes(flipped))
    faults = list(verify_store(store))
    _overwrite(path, good)
    assert [(fault.kind, fault.path, fault.digest) for fault in faults] == [("bad", path, digest)]
    assert str(path) in faults[0].message
    assert Digest.of(bytes(flipped)).hex in faults[0].message


def test_a_cut_and_an_emptied_blob_are_bad(store: DirectoryBlobStore) -> None:
    first, second = list(store.digests())[:2]
    os.truncate(store.path(first), 5)
    os.truncate(store.path(second), 0)
    assert {fault.digest for fault in verify_store(store)} == {first, second}


def test_what_was_expected_and_is_not_there_is_missing(store: DirectoryBlobStore) -> None:
    gone = next(store.digests())
    expected = [*store.digests(), Digest.of(b"never")]
    store.remove(gone)
    faults = list(verify_store(store, expected=expected))
    assert [(fault.kind, fault.digest) for fault in faults] == [("missing", gone), ("missing", expected[-1])]
    assert faults[0].path == store.path(gone)


def test_every_kind_of_foreign_file_is_named(store: DirectoryBlobStore, tmp_path: Path) -> None:
    root = store.root
    name = Digest.of(b"foreign").hex
    first, second = name[:2], name[2:4]
    place = root / first / second
    place.mkdir(parents=True, exist_ok=True)
    strays = {
        "README": root / "README",
        "in the first level": root / first / name,
        "in another folder": root / first / ("00" if second != "00" else "11") / name,
        "upper case": place / name.upper(),
        "too short": place / name[:-1],
        "too long": place / f"{name}0",
        "with a suffix": place / f"{name}.jpg",
        "in tmp": root / "tmp" / "stray",
        "in a folder of no level": root / "lost+found" / "deep" / name,
    }
    for path in strays.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"foreign")
    (place / name).symlink_to(root / "README")
    (root / "zz").symlink_to(root / first)
    folder = place / f"{first}{second}{'0' * 60}"
    folder.mkdir()
    expected = {*strays.values(), place / name, root / "zz", folder, root / "lost+found"}
    expected.add(root / "lost+found" / "deep")
    faults = list(verify_store(store))
    assert {fault.kind for fault in faults} == {"foreign"}
    assert {fault.path for fault in faults} == expected
    assert all(fault.digest is None and str(fault.path) in fault.message for fault in faults)
    assert [fault.path for fault in faults] == sorted(
        (fault.path for fault in faults), key=lambda path: path.parts
    )


def test_a_blob_under_another_blobs_name_is_bad(store: DirectoryBlobStore) -> None:
    one, other = list(store.digests())[:2]
    _overwrite(store.path(one), store.read(other))
    assert _named(store) == {("bad", str(store.path(one).relative_to(store.root)))}


def test_progress_tells_every_byte(store: DirectoryBlobStore) -> None:
    told: list[int] = []
    assert list(verify_store(store, progress=told.append)) == []
    assert sum(told) == sum(store.size(digest) for digest in store.digests())


def test_temporaries_of_sessions_are_nobodys_fault(store: DirectoryBlobStore) -> None:
    with store.stage() as staging:
        staging.write(b"on its way")
        assert list(verify_store(store)) == []


def test_who_has_heard_enough_may_stop(store: DirectoryBlobStore) -> None:
    for digest in store.digests():
        _overwrite(store.path(digest), b"bad")
    faults = verify_store(store)
    assert next(faults).kind == "bad"
    faults.close()  # type: ignore[attr-defined]


def test_a_store_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(StoreUnusable, match="Not a directory"):
        list(verify_store(DirectoryBlobStore(tmp_path / "blobs")))
