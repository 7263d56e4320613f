"""Fills the interpreted columns of a batch; the published columns go through as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.issues import flags_text
from manifests.quality.step import Bits, Step
from manifests.schema import TableSchema

_FLAGS: Final = "qualityFlags"


class Interpreter:
    """Interprets rows table by table.

    Args:
        steps: For each table its steps, in the order in which they are taken.
    """

    def __init__(self, steps: Mapping[str, Sequence[Step]]) -> None:
        self._steps = steps

    def interpret(self, schema: TableSchema, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with its interpreted columns filled.

        A row that says that something is gone keeps the values that it had.

        Args:
            schema: The table's schema.
            batch: Rows with exactly its columns.
        """
        steps = self._steps.get(schema.name, ())
        if not steps or not batch.num_rows:
            return batch
        columns: dict[str, pa.Array] = dict(zip(schema.names, batch.columns, strict=True))
        given, bits = dict(columns), np.zeros(batch.num_rows, np.uint64)
        for step in steps:
            filled = step.fill(columns)
            columns |= {name: of.cast(schema.arrow.field(name).type) for name, of in filled.columns.items()}
            if filled.bits is not None:
                bits |= filled.bits
        columns[_FLAGS] = _flags(bits)
        gone = pc.equal(pc.fill_null(given["change"], ""), "removed")
        if pc.any(gone).as_py():
            columns = {name: pc.if_else(gone, given[name], column) for name, column in columns.items()}
        return pa.RecordBatch.from_arrays(list(columns.values()), schema=schema.arrow)


def issue_counts(batch: pa.RecordBatch) -> Counter[str]:
    """How many rows of a batch have each code in their `qualityFlags`."""
    counts: Counter[str] = Counter()
    if _FLAGS in batch.schema.names:
        for found in pc.value_counts(batch.column(_FLAGS)).to_pylist():
            for code in (found["values"] or "").split():
                counts[code] += found["counts"]
    return counts


def _flags(bits: Bits) -> pa.Array:
    different, places = np.unique(bits, return_inverse=True)
    texts = [flags_text(int(combination)) for combination in different]
    return pa.array(texts, pa.string()).take(pa.array(places.reshape(-1)))
