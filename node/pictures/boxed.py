"""Pictures read in boxes, several at a time; one that brings its box down is tried alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Final

from crawlers.box import BoxError, BoxLimits, run_boxed
from hashstore.digest import Digest
from node.pictures.job import Fault

_BATCH: Final = 64
# Seconds are for a batch; a thousand million samples of 4 bytes, once turned, fit into the memory.
_LIMITS: Final = BoxLimits(address_space=12 << 30, cpu=900, wall=1200.0)


def rows_of_pictures(pictures: Iterable[tuple[Digest, Path]]) -> Iterator[list[dict[str, Any]]]:
    """Rows of the table `picture`, batch by batch, in order.

    Args:
        pictures: Digests, each with where its bytes are.
    """
    workers = max(1, min(4, os.cpu_count() or 1))
    waiting = iter(pictures)
    with ThreadPoolExecutor(workers) as pool:
        while window := [batch for _ in range(workers) if (batch := list(islice(waiting, _BATCH)))]:
            yield from pool.map(_rows, window)


def _rows(batch: Sequence[tuple[Digest, Path]]) -> list[dict[str, Any]]:
    read = _read([str(path) for _, path in batch])
    return [_row(digest, found) for (digest, _), found in zip(batch, read, strict=True)]


def _read(paths: list[str]) -> list[dict[str, Any]]:
    try:
        found = run_boxed("node.pictures.job:read_pictures", {"paths": list(paths)}, _LIMITS)
    except BoxError:
        if len(paths) == 1:
            return [{"fault": Fault.TOO_LARGE.value}]
        return [row for path in paths for row in _read([path])]
    assert isinstance(found, list)
    return [dict(row) for row in found if isinstance(row, dict)]


def _row(digest: Digest, found: dict[str, Any]) -> dict[str, Any]:
    pixels = found.get("pixelDigest")
    return {**found, "digest": digest.raw, "pixelDigest": Digest.parse(pixels).raw if pixels else None}
