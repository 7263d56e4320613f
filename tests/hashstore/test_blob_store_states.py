"""Whatever is done to a store, in whatever order, it answers as a dict of bytes would."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from hashstore.blobstore import (
    BlobStore,
    DirectoryBlobStore,
    MemoryBlobStore,
    Sealed,
    add_bytes,
    verify_store,
)
from hashstore.digest import Digest

_DATA = st.binary(max_size=40) | st.sampled_from([b"", b"specimen", b"x" * 5000])


class BlobStoreMachine(RuleBasedStateMachine):
    """A store beside the dict that it should equal. Sealed blobs wait in a bundle until they land or go."""

    sealed = Bundle("sealed")

    def make_store(self) -> BlobStore:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.store = self.make_store()
        self.model: dict[Digest, bytes] = {}
        self.staged: dict[int, bytes] = {}

    @rule(data=_DATA)
    def add(self, data: bytes) -> None:
        digest = add_bytes(self.store, data)
        assert digest == Digest.of(data)
        self.model[digest] = data

    @rule(target=sealed, chunks=st.lists(_DATA, max_size=3))
    def stage(self, chunks: list[bytes]) -> Sealed:
        with self.store.stage() as staging:
            for chunk in chunks:
                staging.write(chunk)
            sealed = staging.seal()
        self.staged[id(sealed)] = b"".join(chunks)
        return sealed

    @rule(batch=st.lists(consumes(sealed), max_size=4))
    def commit(self, batch: list[Sealed]) -> None:
        self.store.commit(batch)
        for one in batch:
            self.model[one.digest] = self.staged[id(one)]

    @rule(one=consumes(sealed))
    def discard(self, one: Sealed) -> None:
        self.store.discard([one])

    @rule(target=sealed, one=consumes(sealed))
    def discard_half_way(self, one: Sealed) -> object:
        with self.store.stage() as staging:
            staging.write(b"not to be")
        return multiple(one)

    @precondition(lambda self: self.model)
    @rule(choice=st.integers(min_value=0))
    def remove(self, choice: int) -> None:
        digest = sorted(self.model)[choice % len(self.model)]
        self.store.remove(digest)
        del self.model[digest]

    @invariant()
    def it_answers_like_the_dict(self) -> None:
        assert list(self.store.digests()) == sorted(self.model)
        for digest, data in self.model.items():
            assert self.store.size(digest) == len(data)
            assert self.store.read(digest) == data

    @rule(prefix=st.text("0123456789abcdef", max_size=3))
    def look_up_a_prefix(self, prefix: str) -> None:
        expected = [digest for digest in sorted(self.model) if digest.hex.startswith(prefix)]
        assert list(self.store.with_prefix(prefix)) == expected


class MemoryMachine(BlobStoreMachine):
    def make_store(self) -> MemoryBlobStore:
        return MemoryBlobStore()


class DirectoryMachine(BlobStoreMachine):
    def make_store(self) -> DirectoryBlobStore:
        self.folder = Path(tempfile.mkdtemp(prefix="vasculum-store-"))
        return DirectoryBlobStore(self.folder / "blobs")

    @rule()
    def open_again_and_sweep(self) -> None:
        """Another process that comes along; it must not sweep what the first has staged."""
        other = DirectoryBlobStore(self.folder / "blobs")
        assert other.sweep() == 0

    @invariant()
    def it_verifies(self) -> None:
        assert isinstance(self.store, DirectoryBlobStore)
        assert list(verify_store(self.store, expected=self.model)) == []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


_FEW = settings(max_examples=30, stateful_step_count=20, deadline=None)

TestMemoryMachine = MemoryMachine.TestCase
TestMemoryMachine.settings = _FEW
TestDirectoryMachine = DirectoryMachine.TestCase
TestDirectoryMachine.settings = _FEW
