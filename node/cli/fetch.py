"""`vasculum fetch`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output


@click.command(cls=Command)
@click.argument("identifiers", metavar="H...", nargs=-1, required=True)
@click.option("--from", "urls", metavar="URL", multiple=True, help="Ask this node first; may be repeated.")
@click.pass_obj
def command(output: Output, identifiers: tuple[str, ...], urls: tuple[str, ...]) -> Exit:
    """Bring the bytes of H here, from peers or from where they were published.

    Every byte is checked: whatever does not have the digest is thrown away, and whoever sent it is not asked
    again. What is here already is not fetched.
    """
    from node.cli.bringing import sources_of, tell
    from node.compose import open_node
    from node.layout import find_node
    from node.peers.clone import Cloner, wanted_by

    node = open_node(find_node(output.node))
    wanted = [want for text in identifiers for want in wanted_by(node, text)]
    sources = sources_of(node, output, urls)
    try:
        return tell(output, "Fetching", Cloner(node, sources).fetch(wanted))
    finally:
        sources.close()
