"""Which generation of the search database is current, and making the next one beside it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from node.index.ddl import INDEX_VERSION
from node.search.database import unusable
from node.search.derive import derive
from node.search.hidden import Hidden, hide, told, withdrawn_now
from node.writer_lock import writer_lock

if TYPE_CHECKING:
    from node.compose import Node
    from node.index import Index

# Raised when what is derived changes shape.
SEARCH_VERSION: Final = 3
_CURRENT: Final = "current.json"
_MEMORY: Final = "2GB"
_STEPS: Final = sum(1 for _ in derive())
_PATIENCE: Final = 600.0  # seconds

Told = Callable[[str, int], object]


@dataclass(frozen=True, slots=True)
class Generation:
    """What is searched now.

    Attributes:
        path: Its file.
        state: What it was made of.
        hidden: What was withdrawn since; None if nothing was.
    """

    path: Path
    state: Any
    hidden: Hidden | None


def current(node: Node) -> Generation | None:
    """The current generation; None if there is none, or too much was withdrawn since to be told apart."""
    folder = node.layout.search
    try:
        found = json.loads((folder / _CURRENT).read_text(encoding="utf-8"))
        path, state = folder / str(found["file"]), found["state"]
        usable = path.is_file() and state["version"] == [SEARCH_VERSION, INDEX_VERSION]
        withdrawn = state["withdrawn"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    hidden = told(folder)
    if hidden is None or hidden.said == withdrawn:
        return Generation(path, state, None) if usable else None
    return Generation(path, state, hidden) if usable and hidden.targets is not None else None


def state_of(index: Index, withdrawn: Hidden) -> Any:
    """All on which the content of a generation depends."""
    logs = index.rows("SELECT origin, size FROM log ORDER BY number")
    return {
        "version": [SEARCH_VERSION, INDEX_VERSION],
        "logs": [[row["origin"], row["size"]] for row in logs],
        "withdrawals": index.meta("withdrawals"),
        "withdrawn": withdrawn.said,
    }


def bring_up(node: Node, tell: Told = lambda what, steps: None) -> Path:
    """Make a new generation if logs or withdrawals have changed; returns the file of the current one.

    Args:
        node: The node.
        tell: Called with what is made now, and how many steps there are in all.

    Raises:
        IndexUnusable: DuckDB refuses.
        NodeError: the logs cannot be read.
    """
    making = begin(node)
    if making is not None:
        return making.finish(tell)
    found = current(node)
    assert found is not None
    return found.path


def begin(node: Node, patience: float = _PATIENCE) -> Making | None:
    """Copy the index if a new generation is wanted; None if the current one is as good.

    The index is held only until it is copied. Whatever was withdrawn is hidden when this returns, and who
    reads the generation before goes on reading the rest of it.

    Args:
        node: The node.
        patience: Seconds to wait while another process is making one.

    Raises:
        NodeBusy: another process is making one.
        IndexUnusable: DuckDB refuses.
        NodeError: the logs cannot be read.
    """
    folder = node.layout.search
    hide_withdrawn(node)
    with ExitStack() as held:
        held.enter_context(writer_lock(folder / "build.lock", patience))
        for leftover in folder.glob("making-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with node.index() as index:
            withdrawn = withdrawn_now(index)
            hide(folder, withdrawn)
            state, found = state_of(index, withdrawn), current(node)
            if found is not None and found.state == state:
                return None
            work = Path(tempfile.mkdtemp(prefix="making-", dir=folder))
            held.callback(shutil.rmtree, work, ignore_errors=True)
            index.connection.execute("CHECKPOINT")
            shutil.copyfile(node.layout.index, work / "index.duckdb")
        return Making(folder, work, state, held.pop_all())


def hide_withdrawn(node: Node) -> None:
    """Let nothing be found that was withdrawn, whatever the current generation has.

    Raises:
        IndexUnusable: DuckDB refuses.
        NodeError: the logs cannot be read.
    """
    node.layout.search.mkdir(exist_ok=True)
    with node.index() as index:
        hide(node.layout.search, withdrawn_now(index))


class Making:
    """A generation under way; nobody else makes one until it is finished."""

    def __init__(self, folder: Path, work: Path, state: Any, held: ExitStack) -> None:
        self._folder = folder
        self._work = work
        self._state = state
        self._held = held

    def finish(self, tell: Told = lambda what, steps: None) -> Path:
        """Make it, and let it take its place; returns its file. May run beside other work, in any thread.

        Raises:
            IndexUnusable: DuckDB refuses.
        """
        with self._held:
            make_generation(self._work, tell)
            return _publish(self._folder, self._work, self._state)


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
