"""`vasculum add PATH`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.layout import Layout, find_node

if TYPE_CHECKING:
    from node.track.ahead import FilesAhead


@click.command(cls=Command)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def command(output: Output, path: Path) -> Exit:
    """Add a file or a folder of files as they are, and sign that you did.

    Every file is kept under its SHA-256 and is safely on disk when the command returns. To read
    records and fetch images as well, use `track`.
    """
    from node.track.ahead import files_ahead

    layout = find_node(output.node)
    with files_ahead(layout, path) as ahead:
        return _add(output, layout, path, ahead)


def _add(output: Output, layout: Layout, path: Path, ahead: FilesAhead) -> Exit:
    # Imported while the first files are staged: it takes as long as some thousands of them.
    from node.cli.cosigning import ask_witnesses
    from node.cli.tracking import Teller, tell_summary
    from node.compose import open_node
    from node.track.add import add
    from provenance.statement import rdf  # noqa: F401 -- to sign: now it costs no time

    node = open_node(layout)
    ended = tell_summary(output, add(node, path, Teller(output), ahead))
    ask_witnesses(output, node)
    return ended
