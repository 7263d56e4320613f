"""Re-hash a whole directory store, and name every file that is not what and where it should be."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

from hashstore.blobstore import durable
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.survey import Foreign, Found, survey
from hashstore.digest import Digest

Kind: TypeAlias = Literal["bad", "missing", "foreign"]

_CHUNK: Final = 8
_BUFFER_SIZE: Final = 1 << 20
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a store.

    Attributes:
        kind: `bad` bytes under a blob's name, a `missing` blob, or a `foreign` file.
        path: Where.
        digest: What the bytes should have; None for what is foreign.
        message: What is wrong and what to do, for a curator.
    """

    kind: Kind
    path: Path
    digest: Digest | None
    message: str


def verify_store(
    store: DirectoryBlobStore,
    *,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
    expected: Iterable[Digest] = (),
) -> Iterator[Fault]:
    """Hash every blob of a store, and find what does not belong there.

    Args:
        store: Is only read.
        workers: How many threads hash.
        progress: Called from the calling thread with the number of bytes hashed since the last call.
        expected: Digests that must be there; read after everything was hashed, each looked up by itself.

    Yields:
        Faults in the order of their paths, then the missing blobs in the order of `expected`.

    Raises:
        StoreUnusable: If a folder cannot be listed.
    """
    yield from _hashed(store, workers, progress or _ignore)
    for digest in expected:
        if not store.contains(digest):
            message = f"{digest} is missing; fetch it from a peer, or track its source again"
            yield Fault("missing", store.path(digest), digest, message)


def _hashed(store: DirectoryBlobStore, workers: int, progress: Callable[[int], None]) -> Iterator[Fault]:
    waiting: deque[Future[_Checked]] = deque()
    with ThreadPoolExecutor(workers, "verify") as pool:
        try:
            for chunk in _chunks(store):
                waiting.append(pool.submit(_check_chunk, chunk))
                if len(waiting) >= 8 * workers:
                    yield from _told(waiting.popleft(), progress)
            while waiting:
                yield from _told(waiting.popleft(), progress)
        except OSError as error:
            raise durable.translated(error, f"listing {store.root}") from error
        finally:
            for future in waiting:  # the caller may have heard enough
                future.cancel()


@dataclass(frozen=True, slots=True)
class _Checked:
    faults: tuple[Fault, ...]
    bytes: int


def _told(future: Future[_Checked], progress: Callable[[int], None]) -> Iterator[Fault]:
    checked = future.result()
    progress(checked.bytes)
    yield from checked.faults


def _chunks(store: DirectoryBlobStore) -> Iterator[tuple[Found | Foreign, ...]]:
    rest = survey(os.fspath(store.root))
    while chunk := tuple(islice(rest, _CHUNK)):
        yield chunk


def _check_chunk(chunk: tuple[Found | Foreign, ...]) -> _Checked:
    faults: list[Fault] = []
    total = 0
    for found in chunk:
        if isinstance(found, Foreign):
            faults.append(Fault("foreign", Path(found.path), None, f"{found.path} {found.reason}"))
            continue
        try:
            raw, size = _hash_file(found.path)
        except FileNotFoundError:
            continue  # removed since it was listed; `expected` tells whether that was right
        except OSError as error:
            faults.append(_bad(found, f"it could not be read ({error.strerror})"))
            continue
        total += size
        if raw.hex() != found.name:
            faults.append(_bad(found, f"its {size} bytes hash to {raw.hex()}"))
    return _Checked(tuple(faults), total)


def _bad(found: Found, detail: str) -> Fault:
    digest = Digest.parse(found.name)
    remedy = "Remove it and add the original again, or fetch it from a peer."
    return Fault("bad", Path(found.path), digest, f"{found.path} is damaged: {detail}. {remedy}")


def _hash_file(path: str) -> tuple[bytes, int]:
    buffer: memoryview | None = getattr(_thread, "buffer", None)
    if buffer is None:
        buffer = _thread.buffer = memoryview(bytearray(_BUFFER_SIZE))
    state = hashlib.sha256()
    size = 0
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        while count := os.readv(file, [buffer]):
            state.update(buffer[:count])
            size += count
    finally:
        os.close(file)
    return state.digest(), size


def _ignore(size: int) -> None:
    pass
