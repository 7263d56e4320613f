"""A blob store in object storage obeys the one contract, on obstore's own stores and on a real S3 server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore, MemoryStore

from hashstore.blobstore import BlobStore
from hashstore.blobstore.contract import BlobStoreContract
from hashstore.digest import Digest
from node.storage.address import open_archive, parse_address
from node.storage.object_store import ObjectBlobStore, key_of


class ObjectContract(BlobStoreContract):
    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        assert isinstance(store, ObjectBlobStore)
        obstore.put(store._store, key_of(digest), data)


class TestInMemory(ObjectContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectBlobStore:
        return ObjectBlobStore(MemoryStore(), "memory://", tmp_path / "spool")


class TestInAFolder(ObjectContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectBlobStore:
        return ObjectBlobStore(LocalStore(tmp_path / "objects", mkdir=True), "file://", tmp_path / "spool")


class TestOnS3(ObjectContract):
    @pytest.fixture
    def store(self, s3_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectBlobStore:
        for name, value in s3_server.environment.items():
            monkeypatch.setenv(name, value)
        store = open_archive(parse_address(s3_server.new_place()), tmp_path / "spool")
        assert isinstance(store, ObjectBlobStore)
        return store
