"""The journal in SQLite: WAL, synchronous FULL, so that what is committed survives a power cut."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.tables import CAPTURE
from node.errors import JournalError
from node.journal.model import CrawlState, Phase, Planned

_SCHEMA = """
CREATE TABLE IF NOT EXISTS crawl (
    crawl TEXT PRIMARY KEY, location TEXT NOT NULL, options TEXT NOT NULL,
    started TEXT NOT NULL, phase TEXT NOT NULL, statement TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS capture (
    crawl TEXT NOT NULL, sequence INTEGER PRIMARY KEY, url TEXT NOT NULL, role TEXT NOT NULL,
    withheld INTEGER NOT NULL, captured TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS capture_url ON capture (crawl, url);
CREATE TABLE IF NOT EXISTS plan (
    crawl TEXT NOT NULL, url TEXT NOT NULL, source TEXT NOT NULL, withheld INTEGER NOT NULL,
    etag TEXT, last_modified TEXT, known TEXT, PRIMARY KEY (crawl, url)
) STRICT, WITHOUT ROWID;
"""
_SPREAD_BY_PLAN = """
UPDATE capture SET withheld = 1 WHERE crawl = ?1 AND NOT withheld
AND url IN (SELECT url FROM plan WHERE crawl = ?1 AND withheld)
"""
_SPREAD_BY_DIGEST = """
WITH secret AS (SELECT captured ->> 'digest' AS digest FROM capture WHERE crawl = ?1 AND withheld)
UPDATE capture SET withheld = 1 WHERE crawl = ?1 AND NOT withheld
AND (captured ->> 'digest' IN secret OR captured ->> 'revisionOf' IN secret
     OR captured ->> 'lastKnown' IN secret)
"""

CaptureRow = Mapping[str, Any]
_EMPTY = dict.fromkeys(column.name for column in CAPTURE.columns)
_encoder = json.JSONEncoder(ensure_ascii=False, default=bytes.hex)  # making one takes longer than using it
_DIGESTS = tuple(column.name for column in CAPTURE.columns if column.type == "digest")


def _written(row: CaptureRow) -> str:
    told = {name: value for name, value in row.items() if value is not None}
    return _encoder.encode(told)


def _read(text: str) -> dict[str, Any]:
    row: dict[str, Any] = {**_EMPTY, **json.loads(text)}
    for name in _DIGESTS:
        if row.get(name) is not None:
            row[name] = bytes.fromhex(row[name])
    return row


class Journal:
    """The journal of one node; used by one process at a time, the holder of the writer lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def close(self) -> None:
        """Close the database file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise JournalError(f"The journal {self._path} did not take a change: {error}.") from error
            raise

    def _query(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(query, values)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> JournalError:
        return JournalError(
            f"The journal {self._path} cannot be used: {error}. It only helps to go on with a crawl that was "
            f"cut short. Remove it, and the files {self._path.name}-wal and -shm, then track again."
        )

    def begin(self, state: CrawlState) -> None:
        """Note that a crawl has begun."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO crawl (crawl, location, options, started, phase) VALUES (?, ?, ?, ?, ?)",
                (state.crawl, state.location, state.options, state.started, state.phase),
            )

    def unfinished(self) -> tuple[CrawlState, ...]:
        """The crawls that do not stand in the log yet, oldest first."""
        query = "SELECT crawl, location, options, started, phase, statement FROM crawl ORDER BY started"
        return tuple(
            CrawlState(
                crawl,
                location,
                options,
                started,
                Phase(phase),
                Digest.parse(statement) if statement else None,
            )
            for crawl, location, options, started, phase, statement in self._query(query)
        )

    def record(self, crawl: str, rows: Iterable[tuple[CaptureRow, bool]]) -> None:
        """Keep captures, each with whether it is withheld; durable when this returns.

        The bytes that a capture names must be durable before.
        """
        values = ((crawl, row["url"], row["role"], withheld, _written(row)) for row, withheld in rows)
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO capture (crawl, url, role, withheld, captured) VALUES (?, ?, ?, ?, ?)", values
            )

    def captures(
        self, crawl: str, *, withheld: bool | None = None, role: str | None = None
    ) -> Iterator[CaptureRow]:
        """The captures of a crawl in the order in which they were recorded."""
        query = (
            "SELECT captured FROM capture WHERE crawl = ?1 AND (?2 IS NULL OR withheld = ?2) "
            "AND (?3 IS NULL OR role = ?3) ORDER BY sequence"
        )
        for (captured,) in self._query(query, (crawl, withheld, role)):
            yield _read(captured)

    def larger(self, crawl: str, size: int) -> Iterator[Digest]:
        """The bytes of more than so many that public captures of a crawl brought."""
        query = (
            "SELECT captured ->> 'digest' FROM capture WHERE crawl = ? AND NOT withheld "
            "AND captured ->> 'size' > ? AND captured ->> 'digest' IS NOT NULL ORDER BY sequence"
        )
        for (digest,) in self._query(query, (crawl, size)):
            yield Digest.parse(digest)

    def captured(self, crawl: str, url: str) -> CaptureRow | None:
        """The latest capture of an address in this crawl, if there is one."""
        query = "SELECT captured FROM capture WHERE crawl = ? AND url = ? ORDER BY sequence DESC LIMIT 1"
        row = next(self._query(query, (crawl, url)), None)
        return _read(row[0]) if row else None

    def set_role(self, crawl: str, url: str, role: str) -> None:
        """Correct the role of an address's captures, once its bytes have shown what it is."""
        with self._transaction() as db:
            db.execute(
                "UPDATE capture SET role = ?, captured = json_set(captured, '$.role', ?) "
                "WHERE crawl = ? AND url = ?",
                (role, role, crawl, url),
            )

    def remark(self, crawl: str, url: str, message: str) -> None:
        """Note on the captures of an address what became of the bytes that they brought."""
        with self._transaction() as db:
            db.execute(
                "UPDATE capture SET captured = json_set(captured, '$.message', ?) "
                "WHERE crawl = ? AND url = ? AND captured ->> 'digest' IS NOT NULL",
                (message, crawl, url),
            )

    def withhold(self, crawl: str, url: str) -> None:
        """Mark the captures of an address as withheld: its bytes turned out to hold withheld rows."""
        self.withhold_all(crawl, (url,))

    def withhold_all(self, crawl: str, urls: Iterable[str]) -> None:
        """Mark the captures of addresses as withheld."""
        with self._transaction() as db:
            db.executemany(
                "UPDATE capture SET withheld = 1 WHERE crawl = ? AND url = ?", ((crawl, url) for url in urls)
            )

    def spread_withheld(self, crawl: str) -> None:
        """Mark as withheld what the plan withholds, and every capture that names a withheld one's bytes."""
        with self._transaction() as db:
            db.execute(_SPREAD_BY_PLAN, (crawl,))
            if db.execute("SELECT 1 FROM capture WHERE crawl = ? AND withheld LIMIT 1", (crawl,)).fetchone():
                db.execute(_SPREAD_BY_DIGEST, (crawl,))

    def plan(self, crawl: str, planned: Iterable[Planned]) -> None:
        """Add images to fetch; an address that is planned already stays one, withheld if either is."""
        values = (
            (crawl, p.url, p.source, p.withheld, p.etag, p.last_modified, p.known.hex if p.known else None)
            for p in planned
        )
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET withheld = max(withheld, excluded.withheld)",
                values,
            )

    def planned(self, crawl: str, page: int = 1000) -> Iterator[Planned]:
        """The images of the plan that have no capture yet, by address, in bounded memory."""
        query = (
            "SELECT url, source, withheld, etag, last_modified, known FROM plan WHERE crawl = ? AND url > ? "
            "AND NOT EXISTS (SELECT 1 FROM capture c WHERE c.crawl = plan.crawl AND c.url = plan.url) "
            "ORDER BY url LIMIT ?"
        )
        after = ""
        while rows := list(self._query(query, (crawl, after, page))):
            for url, source, withheld, etag, modified, known in rows:
                yield Planned(
                    url, source, bool(withheld), etag, modified, Digest.parse(known) if known else None
                )
            after = rows[-1][0]

    def planned_count(self, crawl: str) -> int:
        """How many images the plan holds, captured or not."""
        return self._count("SELECT count(*) FROM plan WHERE crawl = ?", crawl)

    def unfetched_count(self, crawl: str) -> int:
        """How many images of the plan have no capture yet."""
        query = (
            "SELECT count(*) FROM plan WHERE crawl = ? AND NOT EXISTS "
            "(SELECT 1 FROM capture c WHERE c.crawl = plan.crawl AND c.url = plan.url)"
        )
        return self._count(query, crawl)

    def _count(self, query: str, crawl: str) -> int:
        ((count,),) = self._query(query, (crawl,))
        return int(count)

    def outcomes(self, crawl: str, role: str) -> dict[str, int]:
        """How many addresses of a role ended in each outcome, by their latest attempt."""
        query = (
            "SELECT json_extract(captured, '$.outcome'), count(*) FROM capture WHERE sequence IN "
            "(SELECT max(sequence) FROM capture WHERE crawl = ? AND role = ? GROUP BY url) GROUP BY 1"
        )
        return dict(self._query(query, (crawl, role)))

    def finishing(self, crawl: str, statement: Digest) -> None:
        """Note which statement the crawl is about to append to the log."""
        with self._transaction() as db:
            db.execute(
                "UPDATE crawl SET phase = ?, statement = ? WHERE crawl = ?",
                (Phase.FINISHING, statement.hex, crawl),
            )

    def forget(self, crawl: str) -> None:
        """Drop a crawl that stands in the log now."""
        with self._transaction() as db:
            for table in ("capture", "plan", "crawl"):
                db.execute(f"DELETE FROM {table} WHERE crawl = ?", (crawl,))
