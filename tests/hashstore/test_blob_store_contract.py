"""Every blob store of this package obeys the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from hashstore.blobstore import BlobStore, DirectoryBlobStore, MemoryBlobStore
from hashstore.blobstore.contract import BlobStoreContract
from hashstore.digest import Digest


class TestMemoryBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self) -> MemoryBlobStore:
        return MemoryBlobStore()

    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        assert isinstance(store, MemoryBlobStore)
        store._blobs[digest] = data


class TestDirectoryBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> DirectoryBlobStore:
        return DirectoryBlobStore(tmp_path / "institution" / "blobs")

    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        assert isinstance(store, DirectoryBlobStore)
        path = store.path(digest)
        path.chmod(0o644)
        path.write_bytes(data)
