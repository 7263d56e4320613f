"""A small SQLite file that several processes use: each call is a transaction, durable when it returns."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from node.errors import NodeError

_PATIENCE = 30.0  # seconds that a writer waits for another one


class SmallDatabase:
    """One file; it is made when it is first written to."""

    def __init__(
        self, path: Path, schema: str, trouble: type[NodeError], advice: str, *, private: bool = False
    ) -> None:
        """Opens nothing yet.

        Args:
            path: The file.
            schema: `CREATE TABLE IF NOT EXISTS` statements.
            trouble: What is raised when it cannot be used.
            advice: What it holds and what to do then, for a curator.
            private: Whether nobody but the node's own user may read the file.
        """
        self._path = path
        self._schema = schema
        self._trouble = trouble
        self._advice = advice
        self._private = private

    @property
    def is_there(self) -> bool:
        """Whether anything was ever written."""
        return self._path.exists()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query; none before the file is there."""
        with self.reading() as ask:
            return ask(query, values)

    @contextmanager
    def reading(self) -> Iterator[Callable[[str, Sequence[Any]], list[Any]]]:
        """Ask many questions on one opening of the file."""
        if not self.is_there:
            yield lambda query, values: []
            return
        with self._open() as db:
            yield lambda query, values: db.execute(query, values).fetchall()

    def change(self, query: str, values: Sequence[Any]) -> None:
        """Run one statement that changes something."""
        with self.transaction() as db:
            db.execute(query, values)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that the block changes, or nothing."""
        if self._private and not self.is_there:
            # SQLite gives the files beside it the same mode.
            with suppress(OSError):  # told when it is opened
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(self._schema)
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            try:
                db.execute("PRAGMA synchronous = FULL")
                yield db
            finally:
                db.close()
        except sqlite3.Error as error:
            raise self._trouble(
                f"{self._path} cannot be read or written ({error}). {self._advice}"
            ) from error
