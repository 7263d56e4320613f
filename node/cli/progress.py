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
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_BAR = 30
# What the bar, the counts and the time need beside the label.
_BESIDES = _BAR + 22


class _Count(MofNCompleteColumn):
    """Nothing while nobody knows how many there are: `0/?` tells less than the moving bar."""

    def render(self, task: Task) -> Text:
        return Text() if task.total is None else super().render(task)


class Shown:
    """A bar on the terminal, and the way to say something above it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, steps: int = 1) -> None:
        """Move on by so many steps."""
        self._progress.advance(self._task, steps)

    def resize(self, total: int | None) -> None:
        """Say how many steps there are in all; None when that is not known."""
        self._progress.update(self._task, total=total)

    def say(self, text: str) -> None:
        """Print lines above the bar, as they are."""
        self._progress.console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


@contextmanager
def shown(label: str, total: int | None, size: bool, console: Console | None = None) -> Iterator[Shown]:
    """Show a bar for as long as the block runs; then it is gone, for what it said is said in words.

    Args:
        label: What is going on; shortened where it would leave no room for the bar.
        total: Steps in all, or None.
        size: Whether steps are bytes.
        console: Where; standard error if None.
    """
    console = console or Console(stderr=True)
    counts: ProgressColumn = DownloadColumn() if size else _Count()
    time = TimeElapsedColumn() if total is None else TimeRemainingColumn()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=_BAR), counts, time)
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield Shown(progress, progress.add_task(_short(label, console.width - _BESIDES), total=total))


def _short(label: str, width: int) -> str:
    return label if len(label) <= width else label[: max(width - 3, 10)] + "..."
