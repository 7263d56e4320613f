"""Vectors to search among, from a fixed seed: heaps on a sphere, as those of pictures of species are.

Each is one of 20,000 centres in 48 dimensions and a deviation of its own, turned into as many dimensions as
are asked for, with a little noise in all of these. Vectors without any heaps would be harder than real ones,
and heaps without deviation easier.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.harness import say

_HEAPS, _INNER, _DEVIATION, _NOISE = 20_000, 48, 0.6, 0.02
_AT_ONCE = 50_000
Floats = npt.NDArray[np.float32]


def embeddings(work: Path, count: int, width: int) -> Path:
    """A file of so many vectors of length 1, float32, one behind the other; made once, then found again."""
    path = work / f"vectors-{count}-{width}"
    if path.is_file() and path.stat().st_size == count * width * 4:
        return path
    say(f"  drawing {count:,} vectors")
    with path.open("wb") as stream:
        for start in range(0, count, _AT_ONCE):
            stream.write(drawn(min(_AT_ONCE, count - start), width, seed=start).tobytes())
    return path


def drawn(count: int, width: int, seed: int) -> Floats:
    """Some vectors; another seed gives others of the same heaps."""
    same, own = np.random.default_rng(7), np.random.default_rng([seed, 1])
    centres = same.standard_normal((_HEAPS, _INNER), np.float32)
    turn = same.standard_normal((_INNER, width), np.float32) / np.float32(np.sqrt(_INNER))
    inner = centres[own.integers(0, _HEAPS, count)]
    inner += np.float32(_DEVIATION) * own.standard_normal((count, _INNER), np.float32)
    found = inner @ turn + np.float32(_NOISE) * own.standard_normal((count, width), np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found
