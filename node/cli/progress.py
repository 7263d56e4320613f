"""Progress bars by rich, on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)


class _Shown:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)

    def resize(self, total: int | None) -> None:
        self._progress.update(self._task, total=total)


@contextmanager
def shown(label: str, total: int | None, size: bool) -> Iterator[_Shown]:
    """Show a bar for as long as the block runs."""
    counts: ProgressColumn = DownloadColumn() if size else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), counts, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Shown(progress, progress.add_task(label, total=total))
