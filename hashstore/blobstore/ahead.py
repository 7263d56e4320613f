"""Files on their way into a store's temporaries, in order, some ahead of whoever takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hashstore.blobstore.copying import StagedChunk
from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.blobstore.stagers import Stagers

_CHUNK: Final = 16  # files handed to a worker at a time: handing over costs more than reading a small file
_MOST: Final = 256  # chunks for each worker, so that none stands idle while a batch lands


class StagedAhead:
    """Stages files; use it as a context manager. What nobody took is discarded at its end.

    Whoever has other things to do first calls `begin`, does them, and then has `add_staged` take the files.

    Args:
        store: Where to.
        paths: Files, read lazily; symbolic links are followed.
        workers: How many threads, or processes where there are many files, read and hash.
    """

    def __init__(self, store: BlobStore, paths: Iterable[Path], workers: int = 2) -> None:
        self._store = store
        self._stagers = Stagers(store, workers)
        self._chunks = _chunks(iter(paths))
        self._under_way: deque[Future[StagedChunk]] = deque()
        self._most = _MOST * workers

    def begin(self) -> None:
        """Have the first files staged, without waiting."""
        for chunk in islice(self._chunks, self._most):
            self._under_way.append(self._stagers.submit(chunk))

    def __iter__(self) -> Iterator[StagedChunk]:
        """All chunks, in the order of the paths, each as soon as it and those before it are staged."""
        for chunk in self._chunks:
            self._under_way.append(self._stagers.submit(chunk))
            while self._under_way and (len(self._under_way) >= self._most or self._under_way[0].done()):
                yield self._under_way.popleft().result()
        while self._under_way:
            yield self._under_way.popleft().result()

    def discard(self) -> None:
        """Discard what is staged, or still being staged, and was not taken."""
        sealed: list[Sealed] = []
        while self._under_way:
            future = self._under_way.popleft()
            if not future.cancel() and future.exception() is None:
                sealed += [one.sealed for one in future.result().sealed]
        self._store.discard(sealed)

    def __enter__(self) -> Self:
        self._stagers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.discard()
        finally:
            self._stagers.__exit__(kind, error, trace)


def _chunks(paths: Iterator[Path]) -> Iterator[tuple[Path, ...]]:
    while chunk := tuple(islice(paths, _CHUNK)):
        yield chunk
