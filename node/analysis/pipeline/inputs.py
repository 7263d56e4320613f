"""What each step of a run reads: kept on disk for as long as the run lasts, since it may be millions.

It is worked out anew whenever a pipeline is run, from results that are kept elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

from analyzers.output import Input
from analyzers.region import parse_region
from hashstore.digest import Digest

BATCH = 2_000
_SCHEMA = """
CREATE TABLE input (
    step INTEGER, digest BLOB, region TEXT, known INTEGER, PRIMARY KEY (step, digest, region)
) WITHOUT ROWID;
CREATE TABLE made (digest BLOB PRIMARY KEY, step INTEGER, origin BLOB, region TEXT) WITHOUT ROWID;
CREATE TABLE run (step INTEGER, digest BLOB, PRIMARY KEY (step, digest)) WITHOUT ROWID;
"""
_PAGE = """
SELECT digest, region, max(known) FROM input WHERE step IN ({steps}) AND (digest, region) > (?, ?)
GROUP BY digest, region ORDER BY digest, region LIMIT ?
"""


class Inputs:
    """The inputs of all steps, each once, in the order of their digests."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")  # a file that only this process knows
        self._db.executescript(_SCHEMA)

    def add(self, step: int, inputs: Iterable[tuple[Input, bool]]) -> None:
        """Have a step read some inputs.

        Args:
            step: Its number.
            inputs: Each with whether its result stands in a log already.
        """
        rows = ((step, *_key(input), known) for input, known in inputs)
        self._db.executemany("INSERT OR IGNORE INTO input VALUES (?, ?, ?, ?)", rows)

    def made(self, step: int, pictures: Iterable[tuple[Digest, Input]]) -> None:
        """Remember out of which inputs of a step pictures were made."""
        rows = ((digest.raw, step, *_key(origin)) for digest, origin in pictures)
        self._db.executemany("INSERT OR IGNORE INTO made VALUES (?, ?, ?, ?)", rows)

    def maker(self, digest: Digest) -> tuple[int, Input] | None:
        """The step that made a picture, and out of what; None of an image that was there."""
        query = "SELECT step, origin, region FROM made WHERE digest = ?"
        row = self._db.execute(query, [digest.raw]).fetchone()
        return (row[0], _input(row[1], row[2])) if row else None

    def came_from(self, step: int, runs: Iterable[bytes]) -> None:
        """Remember in which runs the results of a step stand."""
        self._db.executemany("INSERT OR IGNORE INTO run VALUES (?, ?)", ((step, raw) for raw in runs))

    def runs(self, step: int) -> list[Digest]:
        """The runs in which results of a step stood before, by digest."""
        rows = self._db.execute("SELECT digest FROM run WHERE step = ? ORDER BY digest", [step])
        return [Digest(raw) for (raw,) in rows]

    def count(self, step: int, *, known: bool) -> int:
        """How many inputs a step has whose result is known, or is not."""
        query = "SELECT count(*) FROM input WHERE step = ? AND known = ?"
        return int(self._db.execute(query, [step, known]).fetchone()[0])

    def of(self, *steps: int) -> Iterator[tuple[Input, bool]]:
        """The inputs of some steps, each once, with whether its result is known."""
        query = _PAGE.format(steps=", ".join(map(str, steps)))
        last: tuple[bytes, str] = (b"", "")
        while page := self._db.execute(query, [*last, BATCH]).fetchall():
            yield from ((_input(raw, region), bool(known)) for raw, region, known in page)
            last = (page[-1][0], page[-1][1])

    def unread(self, *steps: int) -> Iterator[Input]:
        """Those without known result."""
        return (input for input, known in self.of(*steps) if not known)

    def batches(self, step: int) -> Iterator[Sequence[Input]]:
        """All inputs of a step, some at a time."""
        waiting = (input for input, _ in self.of(step))
        while batch := list(islice(waiting, BATCH)):
            yield batch

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def _key(input: Input) -> tuple[bytes, str]:
    return input.digest.raw, input.region.text if input.region else ""


def _input(raw: bytes, region: str) -> Input:
    return Input(Digest(raw), parse_region(region) if region else None)
