"""Two tiers: what moves is proved before it leaves, what is read comes back, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from hashstore.blobstore import DirectoryBlobStore, MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, StoreFull, StoreUnusable
from node.storage import Tier, TieredBlobStore
from node.storage.folder import FolderArchive


@pytest.fixture
def tiers(tmp_path: Path) -> TieredBlobStore:
    return TieredBlobStore(
        DirectoryBlobStore(tmp_path / "blobs"), lambda: FolderArchive(tmp_path / "archive")
    )


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def _folder_of(tiers: TieredBlobStore, tier: Tier) -> DirectoryBlobStore:
    store = tiers.active if tier is Tier.ACTIVE else tiers.archive
    assert isinstance(store, DirectoryBlobStore)
    return store


def test_a_blob_moves_there_and_back(tiers: TieredBlobStore) -> None:
    digest = add_bytes(tiers, b"a sheet of moss")
    assert tiers.move(digest, Tier.ARCHIVE)
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)
    assert not tiers.move(digest, Tier.ARCHIVE)
    assert tiers.move(digest, Tier.ACTIVE)
    assert tiers.tiers(digest) == (Tier.ACTIVE,)
    with pytest.raises(BlobNotFound):
        tiers.move(Digest.of(b"never added"), Tier.ARCHIVE)


def test_reading_to_the_end_recalls_and_reading_a_part_does_not(tiers: TieredBlobStore) -> None:
    digest = add_bytes(tiers, bytes(3_000_000))
    tiers.move(digest, Tier.ARCHIVE)
    with tiers.open(digest) as reader:
        reader.read(1000)
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)
    assert tiers.read(digest) == bytes(3_000_000)
    assert tiers.tiers(digest) == (Tier.ACTIVE, Tier.ARCHIVE)
    assert tiers.sweep() == 0


def test_a_file_that_is_asked_for_is_recalled_and_verified(tiers: TieredBlobStore) -> None:
    digest = add_bytes(tiers, b"archive.zip")
    tiers.move(digest, Tier.ARCHIVE)
    assert tiers.path(digest).read_bytes() == b"archive.zip"
    tiers.move(digest, Tier.ARCHIVE)
    _overwrite(_folder_of(tiers, Tier.ARCHIVE).path(digest), b"archive.zap")
    with pytest.raises(CorruptBlob):
        tiers.path(digest)
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)


@pytest.mark.parametrize("to", [Tier.ARCHIVE, Tier.ACTIVE])
def test_a_damaged_blob_is_not_moved(tiers: TieredBlobStore, to: Tier) -> None:
    digest = add_bytes(tiers, b"pressed")
    if to is Tier.ACTIVE:
        tiers.move(digest, Tier.ARCHIVE)
    (place,) = tiers.tiers(digest)
    _overwrite(_folder_of(tiers, place).path(digest), b"PRESSED")
    with pytest.raises(CorruptBlob):
        tiers.move(digest, to)
    assert tiers.tiers(digest) == (place,)


def test_a_damaged_copy_in_the_other_tier_is_mended_before_the_sound_one_leaves(
    tiers: TieredBlobStore,
) -> None:
    digest = add_bytes(tiers, b"pressed")
    tiers.move(digest, Tier.ARCHIVE)
    tiers.read(digest)
    _overwrite(_folder_of(tiers, Tier.ARCHIVE).path(digest), b"PRESSED")
    tiers.move(digest, Tier.ARCHIVE)
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)
    assert tiers.archive.read(digest) == b"pressed"


def test_no_sound_copy_is_given_up_for_a_damaged_one(tiers: TieredBlobStore) -> None:
    digest = add_bytes(tiers, b"pressed")
    tiers.move(digest, Tier.ARCHIVE)
    tiers.read(digest)
    _overwrite(tiers.active.path(digest), b"PRESSED")
    tiers.move(digest, Tier.ARCHIVE)  # the archive's is sound, so only the damaged one goes
    assert tiers.archive.read(digest) == b"pressed"
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)


def test_a_tier_that_forgets_what_it_acknowledged_gets_nothing(tmp_path: Path) -> None:
    class Forgetful(FolderArchive):
        def open(self, digest: Digest) -> BinaryIO:
            _overwrite(self.path(digest), b"")
            return super().open(digest)

    tiers = TieredBlobStore(DirectoryBlobStore(tmp_path / "blobs"), lambda: Forgetful(tmp_path / "archive"))
    digest = add_bytes(tiers, b"kept")
    with pytest.raises(CorruptBlob):
        tiers.move(digest, Tier.ARCHIVE)
    assert tiers.active.read(digest) == b"kept"


@pytest.mark.parametrize("error", [StoreFull("full"), StoreUnusable("read-only")])
def test_a_full_or_read_only_active_tier_can_still_be_read_through(
    tiers: TieredBlobStore, error: StoreUnusable, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = add_bytes(tiers, b"from afar")
    tiers.move(digest, Tier.ARCHIVE)

    def refuse(*arguments: object) -> None:
        raise error

    for name in ("commit", "stage"):
        monkeypatch.setattr(tiers.active, name, refuse)
        assert tiers.read(digest) == b"from afar"
    assert tiers.tiers(digest) == (Tier.ARCHIVE,)


def test_the_archive_is_opened_only_when_it_is_asked(tmp_path: Path) -> None:
    def unmounted() -> FolderArchive:
        raise StoreUnusable("the archive is not mounted")

    tiers = TieredBlobStore(DirectoryBlobStore(tmp_path / "blobs"), unmounted)
    digest = add_bytes(tiers, b"near")
    assert tiers.read(digest) == b"near"
    assert tiers.size(digest) == 4
    with pytest.raises(StoreUnusable, match="not mounted"):
        tiers.contains(Digest.of(b"elsewhere"))


class TwoTiers(RuleBasedStateMachine):
    """Any order of adding, moving, reading and removing, against one store in memory."""

    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self.model = MemoryBlobStore()
        self.real = TieredBlobStore(DirectoryBlobStore(root / "blobs"), lambda: FolderArchive(root / "far"))

    @rule(target=known, data=st.binary(max_size=40))
    def add(self, data: bytes) -> Digest:
        add_bytes(self.model, data)
        return add_bytes(self.real, data)

    @rule(digest=known, to=st.sampled_from(Tier))
    def move(self, digest: Digest, to: Tier) -> None:
        if self.model.contains(digest):
            self.real.move(digest, to)
            assert self.real.tiers(digest) == (to,)

    @rule(digest=known, ask=st.sampled_from([TieredBlobStore.read, TieredBlobStore.path]))
    def read(self, digest: Digest, ask: Callable[[TieredBlobStore, Digest], object]) -> None:
        if self.model.contains(digest):
            ask(self.real, digest)
            assert self.real.active.read(digest) == self.model.read(digest)

    @rule(digest=known)
    def remove(self, digest: Digest) -> None:
        if self.model.contains(digest):
            self.model.remove(digest)
            self.real.remove(digest)

    @invariant()
    def both_hold_the_same(self) -> None:
        expected = [(digest, self.model.size(digest)) for digest in self.model.digests()]
        assert list(self.real.sizes()) == expected
        assert list(self.real.digests()) == [digest for digest, _ in expected]

    def teardown(self) -> None:
        self._folder.cleanup()


TestTwoTiers = TwoTiers.TestCase
TestTwoTiers.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_the_active_tier_knows_since_when(tiers: TieredBlobStore) -> None:
    digest = add_bytes(tiers, b"old")
    os.utime(tiers.active.path(digest), (1, 1))
    tiers.move(digest, Tier.ARCHIVE)
    tiers.read(digest)
    assert tiers.active.path(digest).stat().st_mtime > 1_000_000  # its age begins anew
