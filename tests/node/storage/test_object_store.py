"""What is particular to object storage: large blobs, refusals, other writers, strange objects."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from hashstore.errors import CorruptBlob, StoreFull, StoreUnusable
from node.errors import ConfigError
from node.storage.address import Bucket, open_archive, parse_address
from node.storage.object_errors import translated
from node.storage.object_store import ObjectBlobStore, key_of


@pytest.fixture
def place(s3_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return str(s3_server.new_place())


def _opened(place: str, spool: Path) -> ObjectBlobStore:
    store = open_archive(parse_address(place), spool)
    assert isinstance(store, ObjectBlobStore)
    return store


_STREAM = """
import resource, sys
from pathlib import Path
from node.storage.address import open_archive, parse_address
store = open_archive(parse_address(sys.argv[1]), Path(sys.argv[2]))
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
piece = bytes(range(256)) * 4096
with store.stage() as staging:
    staging.write(piece)
    store.commit([staging.seal()])
before = most()
with store.stage() as staging:
    for number in range(200):
        staging.write(piece[number:] + piece[:number])
    sealed = staging.seal()
store.commit([sealed])
read = 0
with store.open(sealed.digest) as reader:
    while chunk := reader.read(1 << 20):
        read += len(chunk)
assert read == store.size(sealed.digest) == 200 << 20
print((most() - before) >> 10)
"""


def test_a_large_blob_travels_in_parts_and_is_never_whole_in_memory(place: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STREAM, place, str(tmp_path)]
    mebibytes = int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert mebibytes < 100


def test_no_part_of_bytes_that_changed_while_they_waited_is_ever_seen(place: str, tmp_path: Path) -> None:
    store = _opened(place, tmp_path)
    for size in (1000, 20 << 20):
        with store.stage() as staging:
            staging.write(bytes(size))
            sealed = staging.seal()
        path = Path(str(sealed.token))
        path.chmod(0o644)
        with path.open("r+b") as file:
            file.seek(size - 1)
            file.write(b"!")
        with pytest.raises(CorruptBlob, match="the staged copy"):
            store.commit([sealed])
        assert not store.contains(sealed.digest)
    assert list(store.places()) == []


def test_two_writers_of_the_same_bytes_are_both_right(place: str, tmp_path: Path) -> None:
    stores = [_opened(place, tmp_path / str(number)) for number in range(2)]
    blobs = [bytes([number]) * 50_000 for number in range(20)]
    threads = [
        threading.Thread(target=lambda store=store: [add_bytes(store, blob) for blob in blobs])
        for store in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for blob in blobs:
        assert stores[0].read(Digest.of(blob)) == blob
    assert len(list(stores[1].digests())) == len(blobs)


def test_wrong_credentials_are_named_and_not_repeated(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-wrong-secret")
    with pytest.raises(StoreUnusable, match="AWS_ACCESS_KEY_ID") as caught:
        add_bytes(_opened(place, tmp_path), b"x")
    assert "a-wrong-secret" not in str(caught.value)
    assert "Debug source" not in str(caught.value)


@pytest.mark.parametrize("place", ["s3://bucket/x", "gs://bucket/x", "az://bucket/x"])
def test_without_credentials_nobody_is_asked_for_them(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    with pytest.raises(StoreUnusable, match="there are no credentials"):
        open_archive(parse_address(place), tmp_path)


def test_a_server_that_is_not_there_is_told_of_in_words(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StoreUnusable, match=r"looking at s3://.*Look at the address"):
        _opened(place, tmp_path).contains(Digest.of(b"x"))


def test_a_quota_is_a_full_store() -> None:
    error = translated(RuntimeError("Server returned 507 Insufficient Storage"), "writing s3://b")
    assert isinstance(error, StoreFull)


def test_foreign_objects_are_listed_and_are_no_blobs(tmp_path: Path) -> None:
    memory = MemoryStore()
    store = ObjectBlobStore(memory, "memory://", tmp_path)
    digest = add_bytes(store, b"blob")
    name = digest.hex
    strange = ("notes.txt", f"{name}", f"{name[:2]}/{name}", f"00/11/{name}", f"{name[:2]}/{name[2:4]}/X")
    for key in strange:
        obstore.put(memory, key, b"?")
    places = list(store.places())
    assert {one.where.removeprefix("memory:///") for one in places if one.digest is None} == set(strange)
    assert list(store.digests()) == [digest]
    assert store.contains(digest)
    assert key_of(digest) == f"{name[:2]}/{name[2:4]}/{name}"


@pytest.mark.parametrize(
    "text",
    ["relative/folder", "ftp://host/x", "s3://", "s3://key:secret@bucket/x", "s3://bucket/a/../b", "s3://b?x=1"],
)  # fmt: skip
def test_addresses_that_lead_nowhere_or_tell_secrets_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_address(text)


def test_addresses_are_folders_or_buckets(tmp_path: Path) -> None:
    assert parse_address("s3://bucket/prefix/") == Bucket("s3://bucket/prefix")
    assert parse_address(f"file://{tmp_path}") == tmp_path
    assert parse_address(str(tmp_path)) == tmp_path


def test_a_folder_that_is_not_there_is_a_disk_that_is_not_mounted(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="Mount its disk"):
        open_archive(tmp_path / "absent", tmp_path)
    assert not (tmp_path / "absent").exists()
