"""`vasculum pipeline`."""

from __future__ import annotations

import click

from node.cli.bundles import COMMANDS
from node.cli.main import Group


@click.group(cls=Group, help="Analyses of several steps, written as files: checked, run, signed as a whole.")
def command() -> None:
    """A pipeline is a file (spec/pipelines.md); other modules add their commands at this one's end."""


for bundles in COMMANDS:
    command.add_command(bundles)
