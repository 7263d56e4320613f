"""`vasculum add PATH`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.tracking import Teller, tell_summary
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def command(output: Output, path: Path) -> Exit:
    """Add a file or a folder of files as they are, and sign that you did.

    Every file is kept under its SHA-256 and is safely on disk when the command returns. To read
    records and fetch images as well, use `track`.
    """
    from node.track.add import add

    node = open_node(find_node(output.node))
    ended = tell_summary(output, add(node, path, Teller(output)))
    ask_witnesses(output, node)
    return ended
