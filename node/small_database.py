"""A small SQLite file that several processes use: each call is a transaction, durable when it returns.

Its tables only grow, by tables and by columns that can do without a value. The file's `user_version` says how
many of the columns that came later it has; a file of an earlier version gets the others when it is opened.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from node.errors import NodeError

_PATIENCE = 30.0  # seconds that a writer waits for another one


class Column(NamedTuple):
    """A column that a table of an earlier version lacks.

    Attributes:
        table: Which table.
        name: Its name.
        definition: What stands behind the name in `CREATE TABLE`.
    """

    table: str
    name: str
    definition: str


class SmallDatabase:
    """One file; it is made when it is first written to."""

    def __init__(
        self, path: Path, schema: str, trouble: type[NodeError], advice: str, *, private: bool = False,
        added: Sequence[Column] = (),
    ) -> None:  # fmt: skip
        """Opens nothing yet.

        Args:
            path: The file.
            schema: `CREATE TABLE IF NOT EXISTS` statements, with every column.
            trouble: What is raised when it cannot be used.
            advice: What it holds and what to do then, for a curator.
            private: Whether nobody but the node's own user may read the file.
            added: The columns that came after the first version, in the order in which they came.
        """
        self._path = path
        self._schema = schema
        self._trouble = trouble
        self._advice = advice
        self._private = private
        self._added = tuple(added)

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
            if self._lacking(db):
                self._grow(db)
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
            self._grow(db)
            with _whole(db):
                yield db

    def _grow(self, db: sqlite3.Connection) -> None:
        """Make the tables and columns that are not there."""
        db.executescript(self._schema)
        if _version(db) == len(self._added):
            return
        with _whole(db):
            for table, name, definition in self._lacking(db):
                db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")
            db.execute(f"PRAGMA user_version = {len(self._added)}")

    def _lacking(self, db: sqlite3.Connection) -> list[Column]:
        """Columns that the file may lack: only some files of before versions were counted have them."""
        return [one for one in self._added[_version(db) :] if one.name not in _columns(db, one.table)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            try:
                db.execute("PRAGMA synchronous = FULL")
                if _version(db) > len(self._added):
                    raise self._trouble(
                        f"{self._path} was written by a later version of vasculum. Install that one again."
                    )
                yield db
            finally:
                db.close()
        except sqlite3.Error as error:
            raise self._trouble(
                f"{self._path} cannot be read or written ({error}). {self._advice}"
            ) from error


@contextmanager
def _whole(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row[0] for row in db.execute("SELECT name FROM pragma_table_info(?)", [table])}
