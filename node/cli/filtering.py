"""Filters as they are typed: in quotes, or `@FILE`."""

from __future__ import annotations

from pathlib import Path

import click


def filter_of(text: str) -> str:
    """A filter as it was typed, or out of the file that was named with `@`.

    Raises:
        UsageError: the file cannot be read.
    """
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"The filter {text[1:]} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"The filter {text[1:]} is not UTF-8 at byte {error.start}.") from error
