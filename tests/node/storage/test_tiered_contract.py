"""The tier of two obeys the one contract, wherever the blobs of the test happen to lie."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import BlobStore, DirectoryBlobStore, Sealed
from hashstore.blobstore.contract import BlobStoreContract
from hashstore.digest import Digest
from node.storage import Archive, Tier, TieredBlobStore
from node.storage.address import open_archive, parse_address
from node.storage.folder import FolderArchive


class _Archiving(TieredBlobStore):
    """Sends everything to the archive at once."""

    def commit(self, sealed: Iterable[Sealed]) -> None:
        # What was committed before has gone to the archive, and its temporary with it.
        batch = [one for one in sealed if Path(str(one.token)).exists()]
        super().commit(batch)
        for digest in {one.digest for one in batch}:
            self.move(digest, Tier.ARCHIVE)


def _tiers(
    kind: type[TieredBlobStore], folder: Path, archive: Archive, recall: bool = True
) -> TieredBlobStore:
    return kind(DirectoryBlobStore(folder / "blobs"), lambda: archive, recall=recall)


class TieredContract(BlobStoreContract):
    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        assert isinstance(store, TieredBlobStore)
        tiers = store.tiers(digest)
        assert len(tiers) == 1
        damaged = store.active if tiers == (Tier.ACTIVE,) else store.archive
        assert isinstance(damaged, DirectoryBlobStore)
        path = damaged.path(digest)
        path.chmod(0o644)
        path.write_bytes(data)


class TestInTheActiveTier(TieredContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> TieredBlobStore:
        return _tiers(TieredBlobStore, tmp_path, FolderArchive(tmp_path / "archive"))


class TestInTheArchive(TieredContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> TieredBlobStore:
        return _tiers(_Archiving, tmp_path, FolderArchive(tmp_path / "archive"))


class TestInTheArchiveWithoutRecall(TieredContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> TieredBlobStore:
        return _tiers(_Archiving, tmp_path, FolderArchive(tmp_path / "archive"), recall=False)


class TestInAnArchiveOnS3(TieredContract):
    @pytest.fixture
    def store(self, s3_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TieredBlobStore:
        for name, value in s3_server.environment.items():
            monkeypatch.setenv(name, value)
        archive = open_archive(parse_address(s3_server.new_place()), tmp_path / "blobs")
        return _tiers(_Archiving, tmp_path, archive)

    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        import obstore

        from node.storage.object_store import ObjectBlobStore, key_of

        assert isinstance(store, TieredBlobStore)
        assert isinstance(store.archive, ObjectBlobStore)
        obstore.put(store.archive._store, key_of(digest), data)
