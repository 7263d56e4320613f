"""`vasculum cat H`."""

from __future__ import annotations

import shutil
import sys

import click

from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node
from node.look.content import open_content
from node.policy import Principal


@click.command(cls=Command)
@click.argument("identifier", metavar="H")
@click.pass_obj
def command(output: Output, identifier: str) -> None:
    """Write the bytes of H to standard output, checked as they go.

    An image, archive or statement comes as it was received; a row comes as canonical JSON; a line:
    address comes as the very line of the published file. Should the bytes on disk have changed,
    the command says so and exits with 1.
    """
    node = open_node(find_node(output.node))
    with node.index() as index, open_content(node, index, identifier, Principal.OPERATOR) as content:
        shutil.copyfileobj(content, sys.stdout.buffer, 1 << 20)
    sys.stdout.buffer.flush()
