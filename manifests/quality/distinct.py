"""The different combinations of values in some columns: few, where there are many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]


def distinct(columns: Sequence[pa.Array]) -> tuple[list[tuple[Any, ...]], Places]:
    """What different rows some columns make, and for each row which of these it is.

    Args:
        columns: At least one column of strings, all of one length.
    """
    places = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if column.null_count < len(column):
            encoded = column.dictionary_encode()
            width = len(encoded.dictionary) + 1
            places = _renumbered(places * width + _numbers(encoded.indices, width - 1))
    first = np.zeros(int(places.max(initial=-1)) + 1, np.int64)
    first[places[::-1]] = np.arange(len(places) - 1, -1, -1)
    chosen = pa.array(first)
    return list(zip(*(column.take(chosen).to_pylist() for column in columns), strict=True)), places


def _renumbered(numbers: Places) -> Places:
    # From 0 on again after each column, so that the numbers of the next cannot run over.
    return _numbers(pa.array(numbers).dictionary_encode().indices, 0)


def _numbers(indices: pa.Array, null: int) -> Places:
    filled = pc.fill_null(indices, null)
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)
