"""`vasculum pictures`."""

from __future__ import annotations

import click

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.pass_obj
def command(output: Output) -> Exit:
    """Read pictures, so that `duplicates` finds the same and nearly the same ones.

    Each public picture that is here and was not read before is decoded, in a process with limits, and
    the digest of its pixels, its size and its perceptual hash are signed into the log. A run that was
    cut short is gone on with by the next. Exit code 3 means that some could not be decoded.
    """
    from node.pictures.run import read_pictures

    node = open_node(find_node(output.node))
    with output.progress("Reading pictures", None) as bar:
        read = read_pictures(node, bar.resize, bar.advance)
    words = f"{read.pictures:,} pictures read; {read.unreadable:,} files could not be read as pictures."
    fields = {"pictures": read.pictures, "unreadable": read.unreadable, "statements": list(read.statements)}
    output.item({"type": "summary", **fields}, words)
    if read.statements:
        ask_witnesses(output, node)
    return Exit.PARTIAL if read.unreadable else Exit.OK
