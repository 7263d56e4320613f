"""A step of interpretation: from columns of published values to what they mean, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from manifests.quality.distinct import distinct
from manifests.quality.issues import BIT, Issue

Values = tuple[str | None, ...]
Columns = Mapping[str, pa.Array]
Bits = npt.NDArray[np.uint64]
_MOST_REMEMBERED: Final = 200_000


class Reading(NamedTuple):
    """What the values of one row mean.

    Attributes:
        values: For the step's outputs, in order; None where nothing can be said.
        issues: What looks doubtful.
    """

    values: tuple[str | int | None, ...]
    issues: tuple[Issue, ...] = ()


class Filled(NamedTuple):
    """What a step made of a batch.

    Attributes:
        columns: The columns that it fills, by name.
        bits: For each row the issues that it found, as `issues.BIT` numbers them; None for none at all.
    """

    columns: Columns
    bits: Bits | None = None


class Step(Protocol):
    """Reads columns into other columns, and may remember what it made of which values."""

    def fill(self, columns: Columns) -> Filled:
        """Read a batch, given as its published columns and those that earlier steps filled."""


Reader = Callable[[Sequence[Values]], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class ByValue:
    """A step that reads each combination of values once, however many rows of a batch have it.

    Attributes:
        inputs: The columns that it reads.
        outputs: The columns that it fills.
        read: A reading for each of some different rows, each given by its values of `inputs`.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    read: Reader

    def fill(self, columns: Columns) -> Filled:
        """Read a batch."""
        rows, places = distinct([columns[name] for name in self.inputs])
        readings = self.read(rows)
        bits = np.array([_bits(reading) for reading in readings], np.uint64)
        taken = pa.array(places)
        values: list[tuple[Any, ...]] = list(zip(*(reading.values for reading in readings), strict=True))
        filled = {name: pa.array(of).take(taken) for name, of in zip(self.outputs, values, strict=True)}
        return Filled(filled, bits[places] if bits.any() else None)


@dataclass(frozen=True, slots=True)
class Remembering:
    """A reader that reads rows one by one and remembers them: values repeat from batch to batch."""

    reader: Callable[..., Reading]
    _known: dict[Values, Reading] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, rows: Sequence[Values]) -> Sequence[Reading]:
        """A reading for each row."""
        if len(self._known) + len(rows) > _MOST_REMEMBERED:
            self._known.clear()
        return [self._read(row) for row in rows]

    def _read(self, row: Values) -> Reading:
        reading = self._known.get(row)
        if reading is None:
            reading = self._known[row] = self.reader(*row)
        return reading


def _bits(reading: Reading) -> int:
    bits = 0
    for issue in reading.issues:
        bits |= BIT[issue]
    return bits
