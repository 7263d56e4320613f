"""`vasculum ls`."""

from __future__ import annotations

import click

from hashstore.digest import Digest
from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node
from node.look.listing import LISTINGS, listing
from node.policy import Principal


@click.command(cls=Command)
@click.argument("what", type=click.Choice(sorted(LISTINGS)), default="images", metavar="[WHAT]")
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, metavar="N", help="How many at most."
)
@click.option("--source", metavar="SOURCE", help="Only of this source.")
@click.pass_obj
def command(output: Output, what: str, limit: int, source: str | None) -> None:
    """List what this node holds, newest first.

    WHAT is images (the default), files, archives, sources, crawls, failures or log. A cell that
    holds nothing is a dash.
    """
    node = open_node(find_node(output.node))
    with node.index() as index:
        rows = listing(index, what, limit, source, Principal.OPERATOR)
    if rows and not output.json:
        output.say("  ".join(rows[0]))
    for row in rows:
        written = {
            name: Digest(value).uri if isinstance(value, bytes) else value for name, value in row.items()
        }
        cells = ["-" if value is None else str(value) for value in written.values()]
        output.item({"type": what, **written}, "  ".join(cells))
    if output.json:
        output.item({"type": "summary", "listed": len(rows)})
    elif not rows:
        output.say(f"No {what}.")
    elif len(rows) == limit:
        output.say(f"The first {limit}; more with --limit.")
