"""Results of a run that is not whole yet: each kept as it comes, so that a killed run goes on.

Nothing of it is visible to anyone before the run is signed, and nothing is lost that was told here.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from analyzers.output import Failure, Input, Output, decode_result
from analyzers.region import Region
from hashstore.digest import Digest

_SCHEMA = """
CREATE TABLE IF NOT EXISTS result (
    digest BLOB NOT NULL, region TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (digest, region)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS begun (at TEXT NOT NULL);
"""


class Spool:
    """The results of one run, in one file.

    Args:
        path: The file; it is made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # a power cut costs a batch, which is run again
        self._db.executescript(_SCHEMA)

    def begun(self, now: str) -> str:
        """When this run began: now, or when it first did."""
        with self._db:
            self._db.execute("INSERT INTO begun SELECT ? WHERE NOT EXISTS (SELECT 1 FROM begun)", [now])
        (at,) = self._db.execute("SELECT at FROM begun").fetchone()
        return str(at)

    def keep(self, results: Iterable[dict[str, Any]]) -> tuple[list[Output], list[Failure]]:
        """Keep what is a result; returns results and failures, which are only told.

        Raises:
            ValueError: a worker sent what is none, as `KeyError` and `TypeError`.
        """
        kept: list[Output] = []
        failures: list[Failure] = []
        rows = []
        for document in results:
            found = decode_result(document)
            if isinstance(found, Failure):
                failures.append(found)
                continue
            kept.append(found)
            packed = zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)
            rows.append((found.input.digest.raw, document.get("region", ""), packed))
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO result VALUES (?, ?, ?)", rows)
        return kept, failures

    def has(self, digest: Digest, region: Region | None = None) -> bool:
        """Whether there is a result for an image, or for a region of it."""
        query = "SELECT 1 FROM result WHERE digest = ? AND region = ?"
        found = self._db.execute(query, [digest.raw, region.text if region else ""])
        return found.fetchone() is not None

    def result(self, input: Input) -> Output | None:
        """The result for an input; None if there is none yet."""
        query = "SELECT document FROM result WHERE digest = ? AND region = ?"
        row = self._db.execute(
            query, [input.digest.raw, input.region.text if input.region else ""]
        ).fetchone()
        return _unpacked(row[0]) if row else None

    def results(self) -> Iterator[Output]:
        """All results, by digest."""
        for (packed,) in self._db.execute("SELECT document FROM result ORDER BY digest, region"):
            yield _unpacked(packed)

    def forget(self) -> None:
        """The run is signed: its results stand in the log now."""
        self._db.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def _unpacked(packed: bytes) -> Output:
    found = decode_result(json.loads(zlib.decompress(packed)))
    assert isinstance(found, Output)
    return found
