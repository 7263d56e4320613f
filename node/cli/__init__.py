"""The command line: the only room that prints."""

from __future__ import annotations

import sys

from node.cli.main import run


def main() -> None:
    """Entry point of the `vasculum` program."""
    sys.exit(run())
