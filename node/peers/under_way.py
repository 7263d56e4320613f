"""What is under way while bytes are brought: requests, and blobs that land while the next ones come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Generic, TypeVar

from hashstore.blobstore import BlobStore, Sealed
from hashstore.digest import Digest

_PACKS = 4  # packs under way: with more, all end at once, and there is nothing to receive while they land
_BATCH_BLOBS = 2_000
_BATCH_BYTES = 256 << 20

T = TypeVar("T")


class Requests(Generic[T]):
    """Requests under way, for packs and for single blobs."""

    def __init__(
        self, pool: Executor, small: Callable[[list[Digest], int], T], alone: Callable[[Digest], T], most: int
    ) -> None:
        """Asks nobody yet.

        Args:
            pool: Who asks.
            small: Asks for a pack; gets its number too.
            alone: Asks for one blob.
            most: So many requests may wait for their turn.
        """
        self._pool = pool
        self._small = small
        self._alone = alone
        self._most = most
        self._number = 0
        self._pending: set[Future[T]] = set()
        self._packs: set[Future[T]] = set()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._pending)

    @property
    def is_full(self) -> bool:
        """Whether to wait before a further pack is asked for."""
        self._packs &= self._pending
        return len(self._pending) > self._most or len(self._packs) >= _PACKS

    def pack(self, digests: list[Digest]) -> None:
        """Ask for many small blobs."""
        future = self._pool.submit(self._small, digests, self._number)
        self._number += 1
        self._packs.add(future)
        self._pending.add(future)

    def alone(self, digest: Digest) -> None:
        """Ask for one blob by itself."""
        self._pending.add(self._pool.submit(self._alone, digest))

    def done(self) -> Iterator[T]:
        """What has come; waits for something if nothing has."""
        for future in wait(self._pending, return_when=FIRST_COMPLETED).done:
            found = future.result()
            self._pending.remove(future)
            yield found

    def cancel(self) -> Iterator[T]:
        """Ask no more; gives what has come, or comes yet, and nobody took."""
        for future in self._pending:
            future.cancel()
        for future in self._pending:
            if not future.cancelled() and future.exception() is None:
                yield future.result()


class Landing:
    """Blobs that are staged, to be made durable together."""

    def __init__(self, store: BlobStore, lander: Executor) -> None:
        """Lands nothing yet.

        Args:
            store: Where they are staged.
            lander: Does one thing after the other.
        """
        self._store = store
        self._lander = lander
        self._sealed: list[Sealed] = []
        self._under_way: tuple[list[Sealed], Future[None]] | None = None

    @property
    def is_full(self) -> bool:
        """Whether so much is gathered that it should land."""
        return len(self._sealed) >= _BATCH_BLOBS or sum(s.size for s in self._sealed) >= _BATCH_BYTES

    def add(self, sealed: Sealed) -> None:
        """Gather one more."""
        self._sealed.append(sealed)

    def begin(self) -> Iterator[Digest]:
        """Begin to land what is gathered; gives what has landed before."""
        yield from self._landed()
        sealed, self._sealed = self._sealed, []
        if sealed:
            self._under_way = sealed, self._lander.submit(self._store.commit, sealed)

    def finish(self) -> Iterator[Digest]:
        """Land everything; gives what has landed since the last time."""
        yield from self.begin()
        yield from self._landed()

    def discard(self, more: Iterable[Sealed]) -> None:
        """Forget what was gathered, and more. What is landing lands."""
        self._store.discard([*self._sealed, *more])

    def _landed(self) -> Iterator[Digest]:
        if self._under_way is not None:
            (sealed, landed), self._under_way = self._under_way, None
            landed.result()
            yield from (one.digest for one in sealed)
