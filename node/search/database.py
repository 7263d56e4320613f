"""One generation of the search database, opened to be read; it never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa

from node.errors import IndexUnusable, SearchRefused
from node.search.groups import GROUPS
from node.search.hidden import NUMBERS, Hidden

PICTURES: Final = "picture"
Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]

_CONFIG: Mapping[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "temp_directory": "",  # who only reads leaves no trace
    "preserve_insertion_order": False,  # what needs an order says so; putting results aside is faster without
    # Nothing is fetched or loaded.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class Query:
    """One question: what it makes for itself on the way goes with it."""

    def __init__(
        self,
        path: Path,
        cursor: duckdb.DuckDBPyConnection,
        sizes: Mapping[str, int],
        records: int,
        hidden: Numbers,
        *,
        several: bool,
    ) -> None:
        """Begins a question.

        Args:
            path: The file, to name in errors.
            cursor: A connection of its own.
            sizes: How many combinations each group has, and how many pictures there are.
            records: How many records there are.
            hidden: The numbers of those that must not be found.
            several: Whether any record has more than one unit.
        """
        self._path = path
        self._cursor = cursor
        self.sizes = sizes
        self.records = records
        self.hidden = hidden
        self.several = several
        self._made = 0

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        cursor = self.run(query, parameters)
        names = [description[0] for description in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def keep(self, query: str, parameters: Mapping[str, Any] | None = None) -> str:
        """Keep what a query gives for as long as this question takes; returns the name of its table."""
        self._made += 1
        name = f"kept{self._made}"
        self.run(f"CREATE TEMP TABLE {name} AS {query}", parameters)
        return name

    def numbers(self, query: str, parameters: Mapping[str, Any] | None = None) -> Numbers:
        """The numbers in the one column of a query."""
        (found,) = self.run(query, parameters).fetchnumpy().values()
        return found

    def look_up(self, numbers: Numbers) -> str:
        """Let numbers be looked up; returns the name of a relation with the column `id`."""
        self._made += 1
        name = f"numbers{self._made}"
        self._cursor.register(name, pa.table({"id": numbers}))
        return name

    def run(self, query: str, parameters: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a query.

        Raises:
            IndexUnusable: DuckDB refuses; what is searched is derived, and made anew with the index.
        """
        try:
            return self._cursor.execute(query, dict(parameters or {}))
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise unusable(self._path, error) from error


class SearchDatabase:
    """An open generation; safe for several threads, each with a question of its own."""

    def __init__(self, path: Path, threads: int | None = None, hidden: Hidden | None = None) -> None:
        """Opens it.

        Args:
            path: Its file.
            threads: How many one question may use; as many as there are processors if None.
            hidden: What was withdrawn since it was made.

        Raises:
            IndexUnusable: it cannot be read.
        """
        self.path = path
        self.hidden = hidden
        config = {**_CONFIG, **({"threads": threads} if threads else {})}
        try:
            self._connection = duckdb.connect(str(path), read_only=True, config=config)
            _confine(self._connection)
            counted = (*(group.name for group in GROUPS), PICTURES)
            self._sizes = {name: _count(self._connection, name) for name in counted}
            self._records = _count(self._connection, "unit WHERE first")
            self._hidden = _numbers(self._connection, hidden)
            self._several = _count(self._connection, "unit WHERE NOT lone") > 0
        except duckdb.Error as error:
            raise unusable(path, error) from error

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @contextmanager
    def query(self, seconds: float | None = None) -> Iterator[Query]:
        """Ask something; what takes longer is broken off.

        Raises:
            SearchRefused: it took too long.
        """
        cursor = self._connection.cursor()
        timer = Timer(seconds or 0.0, cursor.interrupt)
        if seconds is not None:
            timer.start()
        try:
            yield Query(self.path, cursor, self._sizes, self._records, self._hidden, several=self._several)
        except duckdb.InterruptException as error:
            problem = f"it takes more than {seconds:g} s here; ask for less"
            raise SearchRefused("the filter", problem) from error
        finally:
            timer.cancel()
            cursor.close()


def _confine(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on nothing is read or written but this file, whatever a query says.

    A file that is open in this process already is so confined, and refuses to be again.
    """
    row = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    if row is None or not row[0]:
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _numbers(connection: duckdb.DuckDBPyConnection, hidden: Hidden | None) -> Numbers:
    if hidden is None:
        return np.empty(0, np.int32)
    values = {"digests": hidden.digests, "rows": hidden.rows}
    (found,) = connection.execute(NUMBERS, values).fetchnumpy().values()
    return found


def unusable(path: Path, error: Exception) -> IndexUnusable:
    """What an error of DuckDB means here."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return IndexUnusable(
        f"What is searched, {path}, cannot be used ({first}). Make it anew: vasculum index rebuild"
    )
