"""`vasculum show H`."""

from __future__ import annotations

import json

import click

from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node
from node.look.describe import describe
from node.look.resolve import resolve
from node.policy import Principal


@click.command(cls=Command)
@click.argument("identifier", metavar="H")
@click.pass_obj
def command(output: Output, identifier: str) -> None:
    """Show what H is: an image, a row, a statement, a segment or a snapshot.

    H is a digest in any form, at least 8 of its first hex digits, a row URI
    (hash://sha256/...#row=5), a line: address or the urn:uuid: of a statement.
    """
    node = open_node(find_node(output.node))
    with node.index() as index:
        fields = describe(node, index, resolve(node, index, identifier), Principal.OPERATOR)
    output.item(fields, json.dumps(fields, ensure_ascii=False, indent=2))
