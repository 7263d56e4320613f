"""Data on stdout, words and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from node.cli.visible import visible

if TYPE_CHECKING:
    from node.cli.progress import Shown


class Bar(Protocol):
    """A progress bar."""

    def advance(self, steps: int = 1) -> None:
        """Move on by so many steps (images, bytes)."""

    def resize(self, total: int | None) -> None:
        """Say how many steps there are in all; None when that is not known."""


@dataclass(slots=True)
class Output:
    """How this run speaks.

    Attributes:
        json: One JSON object a line on stdout, the last line a summary.
        quiet: No words and no progress; errors are still told.
        node: What `--node` said.
    """

    json: bool = False
    quiet: bool = False
    node: Path | None = None
    _bar: Shown | None = field(default=None, init=False, repr=False)

    def item(self, fields: Mapping[str, Any], text: str | None = None) -> None:
        """One piece of data: a JSON line for machines, `text` for people (nothing if None)."""
        if self.json:
            click.echo(visible(json.dumps(fields, ensure_ascii=False)))
        elif text is not None and self._bar is not None and sys.stdout.isatty():
            self._bar.say(visible(text))
        elif text is not None:
            click.echo(visible(text))

    def say(self, text: str) -> None:
        """Words for people, on stderr."""
        if self.quiet:
            return
        if self._bar is None:
            click.echo(visible(text), err=True)
        else:
            self._bar.say(visible(text))

    def fail(self, text: str) -> None:
        """An error, on stderr, whatever the run was told."""
        click.echo(click.style("Error: ", fg="red", bold=True) + visible(text), err=True)

    @contextmanager
    def progress(self, label: str, total: int | None, *, size: bool = False) -> Iterator[Bar]:
        """Show progress on stderr when a person is watching; words go above it while it is there.

        Args:
            label: What is going on.
            total: Steps in all, or None.
            size: Whether steps are bytes.
        """
        if self.quiet or self.json or not sys.stderr.isatty():
            yield _Silent()
            return
        from node.cli.progress import shown

        with shown(label, total, size) as self._bar:
            try:
                yield self._bar
            finally:
                self._bar = None


class _Silent:
    def advance(self, steps: int = 1) -> None:
        """Nobody is watching."""

    def resize(self, total: int | None) -> None:
        """Nobody is watching."""
