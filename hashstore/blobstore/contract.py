"""The law that every blob store obeys, as a suite that any implementation can be put under.

Derive from `BlobStoreContract` in a test module, give a fixture `store`, and say in `damage` how to change
stored bytes behind the store's back. The suite needs nothing but plain asserts, so an application may use it
too.
"""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType

from hashstore.blobstore.ingest import Added, add_bytes, add_files
from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, HashstoreError, MalformedDigest, StagingClosed

_ABSENT = Digest.of(b"never added")


class _refused:  # noqa: N801 -- reads as a word of the test, and needs no pytest
    """A `with` block that must raise."""

    def __init__(self, kind: type[HashstoreError]) -> None:
        self._kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            raise AssertionError(f"{self._kind.__name__} was not raised")
        return isinstance(error, self._kind)


def _stage(store: BlobStore, *chunks: bytes) -> Sealed:
    with store.stage() as staging:
        for chunk in chunks:
            staging.write(chunk)
        return staging.seal()


class WritingContract:
    """How bytes come in."""

    def test_what_is_added_is_read_back(self, store: BlobStore) -> None:
        for data in (b"", b"a", bytes(range(256)) * 9000):
            digest = add_bytes(store, data)
            assert digest == Digest.of(data)
            assert store.read(digest) == data
            assert store.size(digest) == len(data)
            assert store.contains(digest)

    def test_chunks_of_any_kind_join_into_one_blob(self, store: BlobStore) -> None:
        with store.stage() as staging:
            staging.write(b"one ")
            staging.write(bytearray(b"two "))
            staging.write(memoryview(b"three"))
            sealed = staging.seal()
        assert (sealed.digest, sealed.size) == (Digest.of(b"one two three"), 13)
        store.commit([sealed])
        assert store.read(sealed.digest) == b"one two three"

    def test_a_buffer_may_be_used_again_after_write(self, store: BlobStore) -> None:
        buffer = bytearray(b"first")
        with store.stage() as staging:
            staging.write(memoryview(buffer))
            buffer[:] = b"OTHER"
            sealed = staging.seal()
        store.commit([sealed])
        assert store.read(sealed.digest) == b"first"

    def test_a_sealed_blob_is_not_there_until_it_is_committed(self, store: BlobStore) -> None:
        sealed = _stage(store, b"waiting")
        assert not store.contains(sealed.digest)
        assert list(store.digests()) == []
        store.commit([sealed])
        assert list(store.digests()) == [sealed.digest]

    def test_adding_again_changes_nothing(self, store: BlobStore) -> None:
        first, second = add_bytes(store, b"same"), add_bytes(store, b"same")
        assert first == second
        assert list(store.digests()) == [first]

    def test_one_batch_may_hold_the_same_bytes_twice(self, store: BlobStore) -> None:
        store.commit([_stage(store, b"twin"), _stage(store, b"twin"), _stage(store, b"other")])
        assert set(store.digests()) == {Digest.of(b"twin"), Digest.of(b"other")}

    def test_committing_the_same_sealed_blob_twice_changes_nothing(self, store: BlobStore) -> None:
        sealed = _stage(store, b"once")
        store.commit([sealed])
        store.commit([sealed])
        assert store.read(sealed.digest) == b"once"

    def test_an_empty_batch_is_committed(self, store: BlobStore) -> None:
        store.commit([])
        assert list(store.digests()) == []

    def test_what_is_discarded_never_lands(self, store: BlobStore) -> None:
        sealed = _stage(store, b"unwanted")
        store.discard([sealed])
        store.discard([sealed])
        assert not store.contains(sealed.digest)

    def test_discarding_after_commit_takes_nothing_away(self, store: BlobStore) -> None:
        sealed = _stage(store, b"kept")
        store.commit([sealed])
        store.discard([sealed])
        assert store.read(sealed.digest) == b"kept"

    def test_a_closed_staging_takes_no_more(self, store: BlobStore) -> None:
        staging = store.stage()
        staging.write(b"x")
        staging.seal()
        with _refused(StagingClosed):
            staging.write(b"y")
        with _refused(StagingClosed):
            staging.seal()
        staging.discard()
        other = store.stage()
        other.discard()
        with _refused(StagingClosed):
            other.write(b"y")

    def test_an_error_inside_a_staging_discards_it(self, store: BlobStore) -> None:
        with _refused(MalformedDigest), store.stage() as staging:
            staging.write(b"half")
            raise MalformedDigest("", "the caller's own trouble")
        assert list(store.digests()) == []

    def test_files_land_in_order_and_are_told_of_when_they_are_there(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        paths = [tmp_path / f"{number}.bin" for number in range(40)]
        for number, path in enumerate(paths):
            path.write_bytes(bytes([number]) * number * 1000)
        told: list[Added] = []

        def on_added(added: Added) -> None:
            assert store.contains(added.digest)
            told.append(added)

        report = add_files(store, paths, on_added=on_added)
        contents = [path.read_bytes() for path in paths]
        expected = [
            Added(path, Digest.of(content), len(content), content[:256])
            for path, content in zip(paths, contents, strict=True)
        ]
        assert told == expected
        assert (report.files, report.bytes, report.unreadable) == (40, sum(map(len, contents)), ())

    def test_unreadable_files_are_reported_and_the_others_land(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        good = tmp_path / "good"
        good.write_bytes(b"good")
        report = add_files(store, [tmp_path / "absent", good, tmp_path])
        assert report.files == 1
        assert [one.path for one in report.unreadable] == [tmp_path / "absent", tmp_path]
        assert all(str(one.path) in one.reason for one in report.unreadable)
        assert store.read(Digest.of(b"good")) == b"good"


class ReadingContract:
    """How bytes are found and come out."""

    def test_an_absent_blob_is_not_found(self, store: BlobStore) -> None:
        assert not store.contains(_ABSENT)
        for ask in (store.size, store.open, store.read, store.remove):
            with _refused(BlobNotFound):
                ask(_ABSENT)

    def test_a_reader_gives_all_bytes_in_any_steps(self, store: BlobStore) -> None:
        data = bytes(range(256)) * 5000
        digest = add_bytes(store, data)
        for step in (1 << 12, 999_983, len(data), -1):
            parts = []
            with store.open(digest) as reader:
                while part := reader.read(step):
                    parts.append(part)
            assert b"".join(parts) == data

    def test_a_reader_cannot_seek_past_the_proof(self, store: BlobStore) -> None:
        with store.open(add_bytes(store, b"abc")) as reader:
            assert not reader.seekable()
            try:
                reader.seek(1)
            except io.UnsupportedOperation:
                return
        raise AssertionError("the reader has sought")

    def test_digests_come_sorted(self, store: BlobStore) -> None:
        added = [add_bytes(store, str(number).encode()) for number in range(30)]
        assert list(store.digests()) == sorted(added)

    def test_a_prefix_finds_what_begins_with_it(self, store: BlobStore) -> None:
        added = sorted(add_bytes(store, str(number).encode()) for number in range(60))
        for length in (0, 1, 2, 3, 4, 5, 8, 64):
            prefix = added[7].hex[:length]
            expected = [digest for digest in added if digest.hex.startswith(prefix)]
            assert list(store.with_prefix(prefix)) == expected
            assert list(store.with_prefix(prefix.upper())) == expected
        assert list(store.with_prefix(_ABSENT.hex)) == []

    def test_a_prefix_that_is_not_hex_is_refused(self, store: BlobStore) -> None:
        for prefix in ("../..", "xyz", "0" * 65, "ab*"):
            with _refused(MalformedDigest):
                store.with_prefix(prefix)

    def test_a_removed_blob_is_gone_and_may_come_back(self, store: BlobStore) -> None:
        kept, gone = add_bytes(store, b"kept"), add_bytes(store, b"gone")
        store.remove(gone)
        assert list(store.digests()) == [kept]
        with _refused(BlobNotFound):
            store.read(gone)
        assert add_bytes(store, b"gone") == gone
        assert store.read(gone) == b"gone"


class DamageContract:
    """That damaged bytes never come out quietly."""

    def damage(self, store: BlobStore, digest: Digest, data: bytes) -> None:
        """Put `data` under `digest`'s name, not through the store's own interface."""
        raise NotImplementedError

    def test_damaged_bytes_are_never_read(self, store: BlobStore) -> None:
        data = b"specimen" * 1000
        for wrong in (b"s" + data[:-1], data[:-1], data + b"x", b""):
            digest = add_bytes(store, data)
            self.damage(store, digest, wrong)
            with _refused(CorruptBlob):
                store.read(digest)
            store.remove(digest)

    def test_a_reader_keeps_the_last_bytes_of_damaged_ones(self, store: BlobStore) -> None:
        data = b"specimen" * 1000
        digest = add_bytes(store, data)
        self.damage(store, digest, data[:-1] + b"!")
        with store.open(digest) as reader, _refused(CorruptBlob):
            reader.read(len(data))

    def test_adding_the_right_bytes_mends_a_blob_of_wrong_size(self, store: BlobStore) -> None:
        digest = add_bytes(store, b"whole")
        self.damage(store, digest, b"who")
        add_bytes(store, b"whole")
        assert store.read(digest) == b"whole"


class BlobStoreContract(WritingContract, ReadingContract, DamageContract):
    """All of it; derive from this."""
