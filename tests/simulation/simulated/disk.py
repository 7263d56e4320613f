"""A node's disk in memory. It stops the world before each durable change when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random

from hashstore.blobstore.interface import Sealed
from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.digest import Digest
from provenance.keys import VerifierKey


class Crashed(BaseException):
    """The process died; only what was durable is left."""


class Disk:
    """Counts durable changes, so that a node can be made to die before any of them."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.dies_in: int | None = None

    def step(self) -> None:
        """A durable change is about to be made."""
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                self.dies_in = None
                raise Crashed


class MemoryFiles:
    """A log's files (`provenance.log.files.LogFiles`). Files of one write may land in any order."""

    where = "memory"

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, files: Mapping[str, bytes]) -> None:
        order = list(files)
        self._disk.rng.shuffle(order)
        for path in order:
            self._disk.step()
            self.files[path] = files[path]

    def remove(self, path: str) -> None:
        self._disk.step()
        self.files.pop(path, None)

    def paths(self, below: str = "", skip: Callable[[str], bool] = lambda folder: False) -> Iterator[str]:
        for path in sorted(self.files):
            folders = [path[:place] for place, letter in enumerate(path) if letter == "/"]
            if path.startswith(f"{below}/" if below else "") and not any(map(skip, folders)):
                yield path

    def sweep_temporaries(self) -> None:
        pass  # nothing is ever half written here


class SteppedStore(MemoryBlobStore):
    """Blobs that become durable one after the other."""

    def __init__(self, disk: Disk) -> None:
        super().__init__()
        self._disk = disk

    def commit(self, sealed: Iterable[Sealed]) -> None:
        for one in sorted(sealed, key=lambda one: one.digest):
            self._disk.step()
            super().commit([one])

    def put(self, blobs: Mapping[Digest, bytes]) -> None:
        """Add bytes under their digests."""
        sealed = []
        for raw in blobs.values():
            with self.stage() as staging:
                staging.write(raw)
                sealed.append(staging.seal())
        self.commit(sealed)


class MemoryNotes:
    """What is remembered of followed logs (`node.peers.desk.Notes`); each call is a transaction."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._taken: dict[str, int] = {}
        self._statements: dict[str, dict[Digest, int]] = {}
        self._keys: dict[str, dict[Digest, int]] = {}
        self._refusals: dict[str, dict[int, str]] = {}
        self._void: dict[str, frozenset[int]] = {}
        self._evidence: dict[str, dict[bytes, str]] = {}
        self.frozen: dict[str, str] = {}

    def taken(self, origin: str) -> int:
        return self._taken.get(origin, 0)

    def statements(self, origin: str, digests: Iterable[Digest]) -> dict[Digest, int]:
        known = self._statements.get(origin, {})
        return {digest: known[digest] for digest in digests if digest in known}

    def void(self, origin: str) -> frozenset[int]:
        return self._void.get(origin, frozenset())

    def weigh(self, origin: str, weight: int) -> None:
        self._disk.step()

    def refusals(self, origin: str) -> dict[int, str]:
        return dict(self._refusals.get(origin, {}))

    def evidence(self, origin: str) -> tuple[bytes, ...]:
        return tuple(self._evidence.get(origin, {}))

    def key_statements(self, origin: str) -> tuple[tuple[int, Digest], ...]:
        return tuple(sorted((index, digest) for digest, index in self._keys.get(origin, {}).items()))

    def rekey(self, origin: str, keys: tuple[VerifierKey, ...]) -> None:
        raise AssertionError("no log of the simulation changes its keys")

    def take(
        self,
        origin: str,
        size: int,
        refusals: dict[int, str],
        statements: dict[Digest, int],
        keys: set[Digest],
        *,
        void: frozenset[int],
        weight: int,
    ) -> None:
        self._disk.step()
        self._void[origin] = self.void(origin) | void
        told = {digest: index for digest, index in statements.items() if digest in keys}
        self._keys[origin] = told | self._keys.get(origin, {})
        self._statements[origin] = statements | self._statements.get(origin, {})
        self._refusals[origin] = refusals | self._refusals.get(origin, {})
        self._taken[origin] = max(self.taken(origin), size)

    def freeze(self, origin: str, reason: str, evidence: list[tuple[bytes, str]], at: str) -> None:
        self._disk.step()
        self.frozen.setdefault(origin, reason)
        self._evidence[origin] = dict(evidence) | self._evidence.get(origin, {})

    def note_sync(self, origin: str, at: str | None, trouble: str | None) -> None:
        self._disk.step()
