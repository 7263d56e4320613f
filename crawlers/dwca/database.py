"""A DuckDB of one's own: in memory, bounded, without extensions from elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crawlers.dwca.limits import Limits


@contextmanager
def scratch_database(scratch: Path, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database that spills into `scratch` beyond the memory limit."""
    database = duckdb.connect(
        config={
            "threads": limits.threads,
            "memory_limit": f"{limits.memory >> 20}MiB",
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    try:
        yield database
    finally:
        database.close()


def quoted(text: str) -> str:
    """A text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
