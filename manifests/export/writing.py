"""Files into a sink: one after the other, or several at a time where the sink takes them so."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from hashstore.blobstore.interface import Chunk
from hashstore.digest import Digest
from manifests.export.model import Copy, Entry, File, Made
from manifests.export.reading import Open, Reading, read_ahead
from manifests.export.sinks.interface import Sink

_LARGE: Final = 1 << 16  # bytes
_AHEAD: Final = 4  # files in hand for each that is written at the same time


def written(open_blob: Open, files: Iterable[File], sink: Sink) -> Iterator[Entry]:
    """Put each file; the entries come in the files' order, each when its file and all before it are there.

    Copies are read, proved and put on a thread each, so that hashing, reading and writing share all
    processors. What is made is made here, when all before it is there: it may ask the index.

    Args:
        open_blob: Gives a member's bytes.
        files: In order.
        sink: Where they go.

    Raises:
        MembersLost: a member's bytes are not here, damaged, or of another size.
        PlaceUnusable: the place cannot be written.
    """
    if sink.at_once == 1:
        for file, chunks in read_ahead(open_blob, files):
            yield _put(sink, file, chunks)
        return
    reading, waiting = Reading(open_blob), deque[Future[Entry]]()
    pool = ThreadPoolExecutor(sink.at_once, "export")
    try:
        for file in files:
            if isinstance(file, Made):
                while waiting:
                    yield waiting.popleft().result()
                yield _put(sink, file, file.chunks())
                continue
            waiting.append(pool.submit(_copy, reading, file, sink))
            if len(waiting) > _AHEAD * sink.at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _copy(reading: Reading, file: Copy, sink: Sink) -> Entry:
    return _put(sink, file, reading.proved(file))


def _put(sink: Sink, file: File, chunks: Iterator[Chunk]) -> Entry:
    if isinstance(file, Copy):
        sink.put(file.path, file.size, chunks)
        return Entry(file.path, file.digest, file.size, member=True)
    hashed = Hashed(chunks)
    sink.put(file.path, None, iter(hashed))
    return Entry(file.path, hashed.digest, hashed.size, member=False)


class Hashed:
    """Chunks that are hashed as they pass: large ones on another thread, while they are being written."""

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self._chunks = chunks
        self._state = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[Chunk]:
        with ThreadPoolExecutor(1, "export-hash") as pool:
            for chunk in self._chunks:
                self.size += len(chunk)
                if len(chunk) < _LARGE:
                    self._state.update(chunk)
                    yield chunk
                    continue
                hashing = pool.submit(self._state.update, chunk)
                yield chunk
                hashing.result()

    @property
    def digest(self) -> Digest:
        """Of all that has passed."""
        return Digest(self._state.digest())
