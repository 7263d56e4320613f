"""Who stages many files at once: threads of this process, or processes beside it.

Hashing lets go of the interpreter's lock, but small files are mostly system calls, and two threads that make
them fight for the lock and for the table of open files: they take longer than one. So many files for a store
in a directory are staged by processes of their own. Such a process (`python -m hashstore.blobstore.stager`)
reads orders from its standard input and ends when that closes, whatever has become of its parent; its
temporaries lie in a session of its own, which it sweeps when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Final, Self, cast

from hashstore.blobstore.copying import Staged, StagedChunk, Unreadable, stage_chunk
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.digest import Digest
from hashstore.errors import StoreFull, StoreUnusable

_FEW: Final = 512  # up to so many files, starting processes would take longer than staging them
_REFUSALS: Final = {cls.__name__: cls for cls in (StoreUnusable, StoreFull)}
_PACKAGES: Final = str(Path(__file__).resolve().parents[2])


class Stagers:
    """A few workers that stage chunks of files.

    They are threads at first; once more than a few files came for a store in a directory, processes beside.

    Args:
        store: Where to.
        workers: How many.
    """

    def __init__(self, store: BlobStore, workers: int) -> None:
        self._store = store
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, "stage")
        self._files = 0
        self._processes: list[StagingProcess] = []
        self._idle: SimpleQueue[StagingProcess] = SimpleQueue()

    def submit(self, chunk: Sequence[Path]) -> Future[StagedChunk]:
        """Have a chunk staged."""
        before, self._files = self._files, self._files + len(chunk)
        if before <= _FEW < self._files:
            self._begin_beside()
        if self._processes:
            return self._threads.submit(self._stage_beside, chunk)
        return self._threads.submit(stage_chunk, self._store, chunk)

    def _begin_beside(self) -> None:
        if not isinstance(self._store, DirectoryBlobStore):
            return
        with suppress(OSError):  # a machine that has no room for another process goes on with threads
            for _ in range(self._workers):
                process = StagingProcess(self._store.root)
                self._processes.append(process)
                self._idle.put(process)

    def _stage_beside(self, chunk: Sequence[Path]) -> StagedChunk:
        process = self._idle.get()
        try:
            return process.stage(chunk)
        finally:
            self._idle.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is under way, then end the processes; what they sealed must be committed by now."""
        self._threads.shutdown()
        for process in self._processes:
            process.close()


class StagingProcess:
    """A process that stages files into a directory store, one chunk at a time."""

    def __init__(self, root: Path) -> None:
        path = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hashstore.blobstore.stager", os.fspath(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"},
        )

    def stage(self, chunk: Sequence[Path]) -> StagedChunk:
        """Have it stage files; waits.

        Raises:
            StoreUnusable: If it has died.
        """
        try:
            orders = cast("IO[bytes]", self._process.stdin)
            orders.write(json.dumps([os.fspath(path) for path in chunk]).encode() + b"\n")
            orders.flush()
            answer = cast("IO[bytes]", self._process.stdout).readline()
        except BrokenPipeError:
            answer = b""
        if not answer.endswith(b"\n"):
            code = self._process.wait()
            raise StoreUnusable(
                f"a process that was reading files ended unasked (status {code}). Add the same files again."
            )
        return read_answer(chunk, answer)

    def close(self) -> None:
        """End it; it removes what it sealed and nobody committed."""
        with suppress(BrokenPipeError):  # it has died, with an order on its way
            cast("IO[bytes]", self._process.stdin).close()
        self._process.wait()
        cast("IO[bytes]", self._process.stdout).close()


def write_answer(staged: StagedChunk) -> bytes:
    """What became of a chunk, as one line of JSON."""
    refusal = staged.refusal
    parts = {
        "sealed": [
            [os.fspath(path), one.digest.hex, one.size, one.token, head.hex()]
            for path, one, head in staged.sealed
        ],
        "unreadable": [[os.fspath(one.path), one.reason] for one in staged.unreadable],
        "refusal": None if refusal is None else [type(refusal).__name__, str(refusal)],
    }
    return json.dumps(parts).encode() + b"\n"


def read_answer(chunk: Sequence[Path], answer: bytes) -> StagedChunk:
    """The opposite of `write_answer`, for the chunk that was asked."""
    asked = {os.fspath(path): path for path in chunk}
    parts = json.loads(answer)
    refusal = None
    if parts["refusal"] is not None:
        kind, text = parts["refusal"]
        refusal = _REFUSALS.get(kind, StoreUnusable)(text)
    return StagedChunk(
        tuple(
            Staged(asked[path], Sealed(Digest(bytes.fromhex(name)), size, token), bytes.fromhex(head))
            for path, name, size, token, head in parts["sealed"]
        ),
        tuple(Unreadable(asked[path], reason) for path, reason in parts["unreadable"]),
        refusal,
    )
