"""Vectors of pictures that somebody asks with: made in a process with limits, which is kept for the next.

Such a picture is nowhere on a disk: its bytes go to the process through its standard input.
"""

from __future__ import annotations

import base64
import threading
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, WorkerPool
from analyzers.output import Failing, Failure, decode_result
from analyzers.region import Region
from hashstore.canonical import Json
from hashstore.digest import Digest
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan

MOST_PIXELS: Final = 200_000_000  # the largest scans of sheets have about as many
_MEMORY: Final = 6 << 30  # bytes of address space; so many pixels take 600 MB once they are decoded
_SECONDS: Final = 20.0
_START: Final = 40.0  # a first picture waits until libraries and network are loaded
_WORDS: Final = {
    Failing.TIMEOUT: "reading it takes too long",
    Failing.OUT_OF_MEMORY: "reading it takes too much memory",
    Failing.CRASHED: "the process that read it broke down",
}
Vector = npt.NDArray[np.float32]


class UnreadableQuery(AnalysisError):
    """The picture that somebody asks with, or the region of it, cannot be looked at."""


class Embedder:
    """Makes one vector at a time; safe for several threads."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._lock = threading.Lock()
        self._pool: WorkerPool | None = None

    def vector(self, plan: Plan, data: bytes, region: Region | None) -> Vector:
        """The vector of a picture, or of a region of it.

        Args:
            plan: The analyzer, with parameters by which it makes one vector of a picture.
            data: The picture.
            region: The part that is asked with; None for all of it.

        Raises:
            UnreadableQuery: it is no picture, is damaged or too large, or the region lies outside.
            AnalyzerError: the analyzer cannot be run here.
        """
        item: dict[str, Json] = {
            "digest": Digest.of(data).uri,
            "data": base64.b64encode(data).decode("ascii"),
            **({"region": region.text} if region else {}),
        }
        order: dict[str, Json] = {**plan.order, "pixels": MOST_PIXELS}
        with self._lock:
            if self._pool is None:
                self._pool = WorkerPool(1, Allowance(_MEMORY, _SECONDS), start=_START)
            ((result,),) = run_batches(self._pool, order, [item], window=1, batch=1)
        return _vector_in(result)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown()
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _vector_in(result: dict[str, Json]) -> Vector:
    found = decode_result(result)
    if isinstance(found, Failure):
        # What else a decoder says may tell of this machine.
        words = found.words if found.failing is Failing.BAD_OUTPUT else _WORDS.get(found.failing, "")
        raise UnreadableQuery(f"The picture cannot be searched with: {words or 'it cannot be decoded'}.")
    if found.fault or not found.findings or found.findings[0].vector is None:
        raise UnreadableQuery(f"The picture cannot be read: {found.fault or 'there is nothing to compare'}.")
    return np.frombuffer(found.findings[0].vector, "<f4")
