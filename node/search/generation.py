"""Which generation of the search database is current, and making the next one beside it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from node.index.ddl import INDEX_VERSION
from node.search.database import unusable
from node.search.derive import derive
from node.writer_lock import writer_lock

if TYPE_CHECKING:
    from node.compose import Node
    from node.index import Index

# Raised when what is derived changes shape.
SEARCH_VERSION: Final = 1
_CURRENT: Final = "current.json"
_MEMORY: Final = "2GB"
_STEPS: Final = sum(1 for _ in derive())

_WITHDRAWN: Final = """
SELECT md5(string_agg(
    concat_ws(':', log, hex(digest), row), ',' ORDER BY log, digest, row
)) AS said FROM withdrawn
"""

Told = Callable[[str, int], object]


def current(node: Node) -> tuple[Path, Any] | None:
    """The file of the current generation and the state that it was made of; None if there is none."""
    try:
        found = json.loads((node.layout.search / _CURRENT).read_text(encoding="utf-8"))
        path = node.layout.search / str(found["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (path, found["state"]) if path.is_file() else None


def state_of(index: Index) -> Any:
    """All on which the content of a generation depends."""
    logs = index.rows("SELECT origin, size FROM log ORDER BY number")
    return {
        "version": [SEARCH_VERSION, INDEX_VERSION],
        "logs": [[row["origin"], row["size"]] for row in logs],
        "withdrawals": index.meta("withdrawals"),
        "withdrawn": index.rows(_WITHDRAWN)[0]["said"],
    }


def bring_up(node: Node, tell: Told = lambda what, steps: None) -> Path:
    """Make a new generation if logs or withdrawals have changed; returns the file of the current one.

    The index is held only until it is copied. Who reads the generation before goes on reading it, unless
    something was withdrawn since.

    Args:
        node: The node.
        tell: Called with what is made now, and how many steps there are in all.

    Raises:
        IndexUnusable: DuckDB refuses.
        NodeError: the logs cannot be read.
    """
    folder = node.layout.search
    folder.mkdir(exist_ok=True)
    with writer_lock(folder / "build.lock"):
        for leftover in folder.glob("making-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with node.index() as index:
            state = state_of(index)
            found = current(node)
            if found is not None and found[1] == state:
                return found[0]
            if found is not None and found[1].get("withdrawn") != state["withdrawn"]:
                # What was taken back is not shown a moment longer; better nothing is.
                (folder / _CURRENT).unlink()
            work = Path(tempfile.mkdtemp(prefix="making-", dir=folder))
            index.connection.execute("CHECKPOINT")
            shutil.copyfile(node.layout.index, work / "index.duckdb")
        try:
            make_generation(work, tell)
            return _publish(folder, work, state)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def make_generation(work: Path, tell: Told) -> Path:
    """Derive a generation out of a copy of the index, `index.duckdb` in the same folder; returns its file.

    Raises:
        IndexUnusable: DuckDB refuses.
    """
    made = work / "made.duckdb"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(work / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        with duckdb.connect(str(work / "scratch.duckdb"), config=config) as connection:
            connection.execute(f"ATTACH '{_quoted(work / 'index.duckdb')}' AS source (READ_ONLY)")
            connection.execute(f"ATTACH '{_quoted(made)}' AS made")
            for what, statement in derive():
                tell(what, _STEPS)
                connection.execute(statement)
            connection.execute("DETACH made")
    except duckdb.Error as error:
        raise unusable(made, error) from error
    return made


def _publish(folder: Path, work: Path, state: Any) -> Path:
    """Let the new generation take the place of the old one, at once and for all."""
    before = set(folder.glob("generation-*.duckdb"))
    descriptor, name = tempfile.mkstemp(prefix="generation-", suffix=".duckdb", dir=folder)
    os.close(descriptor)
    path = Path(name)
    os.replace(work / "made.duckdb", path)
    fresh = folder / f"{_CURRENT}.new"
    fresh.write_text(json.dumps({"file": path.name, "state": state}), encoding="utf-8")
    os.replace(fresh, folder / _CURRENT)
    for old in before:
        old.unlink(missing_ok=True)  # who has it open still reads it
    return path


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
