"""`vasculum clone`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output

if TYPE_CHECKING:
    from crawlers.box import Box


@click.command(cls=Command)
@click.argument("what", metavar="H|BUNDLE")
@click.option("--from", "urls", metavar="URL", multiple=True, help="Ask this node first; may be repeated.")
@click.pass_obj
def command(output: Output, what: str, urls: tuple[str, ...]) -> Exit:
    """Bring H here with everything that it names, down to the images.

    H may be a crawl's statement, any other digest, a row, or the origin of a log that this node follows;
    or the path of a citation bundle. Run it again after an interruption: what is here already is not fetched.
    """
    from node.peers.box import examining_box

    with examining_box() as box:
        return _clone(output, what, urls, box)


def _clone(output: Output, what: str, urls: tuple[str, ...], box: Box) -> Exit:
    # Imported while the box starts, which takes as long.
    from node.cli.bringing import sources_of, tell
    from node.compose import open_node
    from node.layout import find_node
    from node.peers.clone import Cloner, wanted_by, wanted_by_bundle

    node = open_node(find_node(output.node))
    wanted = wanted_by_bundle(Path(what)) if Path(what).is_file() else wanted_by(node, what)
    sources = sources_of(node, output, urls)
    try:
        return tell(output, "Cloning", Cloner(node, sources, box).clone(wanted))
    finally:
        sources.close()
