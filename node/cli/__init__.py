"""The command line: the only room that prints."""

from __future__ import annotations

import gc
import sys

from node.cli.main import run


def main() -> None:
    """Entry point of the `vasculum` program."""
    # Rows come by the ten thousand and hold no cycles: looking for some took a quarter of an `add`'s time.
    gc.set_threshold(50_000, 50, 100)
    sys.exit(run())
