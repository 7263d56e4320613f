"""The DuckDB file: opened by one process at a time, for as short a while as possible."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from node.errors import IndexUnusable, NodeBusy
from node.index.ddl import INDEX_VERSION, OWN_LOG, index_ddl

_PATIENCE = 30.0  # seconds; a writer holds the file only while it applies new leaves


class Index:
    """An open index.

    Args:
        path: The DuckDB file; made if absent.
        memory_limit: What DuckDB may use before it spills to disk.
    """

    def __init__(self, path: Path, memory_limit: str = "400MB") -> None:
        self.path = path
        self.connection = _connect(path, memory_limit)
        try:
            self._prepare()
        except BaseException:
            # DuckDB keeps one instance of a file for all of a process: left open, it would outlive a rebuild.
            self.connection.close()
            raise

    def _prepare(self) -> None:
        try:
            if not self._has_tables():
                self._make_tables()
        except duckdb.Error as error:
            raise unusable(self.path, error) from error
        if self.meta("version") != INDEX_VERSION:
            raise IndexUnusable(
                f"The index {self.path} was made by another version of vasculum; "
                "make it anew with `vasculum index rebuild`."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write everything to the file and let it go."""
        self.connection.close()

    def rows(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """Run a query and return its rows as dictionaries.

        Args:
            query: SQL with `?` or `$name` where the parameters go.
            parameters: Values in order, or by name.

        Raises:
            IndexUnusable: DuckDB refuses; the index is derived, so the answer is a rebuild.
        """
        try:
            values = parameters if isinstance(parameters, dict) else list(parameters)
            cursor = self.connection.execute(query, values)
            names = [description[0] for description in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as error:
            raise unusable(self.path, error) from error

    def stream(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Iterator[dict[str, Any]]:
        """The rows of a query one by one, in bounded memory; other queries may run meanwhile.

        Raises:
            IndexUnusable: DuckDB refuses.
        """
        cursor = self.connection.cursor()
        try:
            cursor.execute(query, parameters if isinstance(parameters, dict) else list(parameters))
            names = [description[0] for description in cursor.description or ()]
            while rows := cursor.fetchmany(1000):
                for row in rows:
                    yield dict(zip(names, row, strict=True))
        except duckdb.Error as error:
            raise unusable(self.path, error) from error
        finally:
            cursor.close()

    def one(self, query: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a query, if it has any."""
        return next(iter(self.rows(query, parameters)), None)

    def meta(self, name: str) -> int:
        """A number that the index keeps about itself; 0 if it has none of that name."""
        row = self.one("SELECT number FROM meta WHERE name = ?", [name])
        return int(row["number"]) if row else 0

    def set_meta(self, name: str, number: int) -> None:
        """Keep a number about the index itself."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, number])

    def log_size(self, log: int = OWN_LOG) -> int:
        """How many leaves of a log are applied; 0 of one that is not known."""
        row = self.one("SELECT size FROM log WHERE number = ?", [log])
        return int(row["size"]) if row else 0

    def set_log_size(self, size: int, log: int = OWN_LOG) -> None:
        """Say how many leaves of a log are applied."""
        self.connection.execute("UPDATE log SET size = ? WHERE number = ?", [size, log])

    def log_number(self, origin: str) -> int:
        """The number of a followed log; it gets the next one if it has none."""
        row = self.one("SELECT number FROM log WHERE origin = ?", [origin])
        if row is None:
            self.connection.execute("INSERT INTO log SELECT max(number) + 1, ?, 0 FROM log", [origin])
            return self.log_number(origin)
        return int(row["number"])

    def origins(self) -> dict[int, str | None]:
        """The origin of each log by its number; None for the node's own."""
        return {row["number"]: row["origin"] for row in self.rows("SELECT * FROM log ORDER BY number")}

    def _make_tables(self) -> None:
        """All or nothing: killed in between, the next one to open the file would find a half-made index."""
        self.connection.execute("BEGIN")
        for statement in index_ddl():
            self.connection.execute(statement)
        self.set_meta("version", INDEX_VERSION)
        self.connection.execute("INSERT INTO log VALUES (?, NULL, 0)", [OWN_LOG])
        self.connection.execute("COMMIT")

    def _has_tables(self) -> bool:
        query = "SELECT 1 FROM information_schema.tables WHERE table_name = 'meta'"
        return bool(self.connection.execute(query).fetchall())


def _connect(path: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(path.with_suffix(".spill")),
        # Every row says where it stands, so inserts need not wait for one another.
        "preserve_insertion_order": "false",
        # Nothing is fetched, loaded or read but the files that we name ourselves.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return duckdb.connect(str(path), config=config)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise unusable(path, error) from error
            if time.monotonic() > until:
                raise NodeBusy(
                    f"Another vasculum process has had the index {path} open for {_PATIENCE:.0f} s. "
                    "Wait for it to end, then try again."
                ) from error
            time.sleep(0.1)
        except duckdb.Error as error:
            raise unusable(path, error) from error


def unusable(path: Path, error: Exception) -> IndexUnusable:
    """What an error of DuckDB means: the index is derived, so the answer is a rebuild."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return IndexUnusable(f"The index {path} cannot be used ({first}). Make it anew: vasculum index rebuild")
