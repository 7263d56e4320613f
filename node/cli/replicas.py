"""`vasculum replicas`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import bring_bitmaps
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.pass_obj
def command(output: Output) -> Exit:
    """Show how many copies each slice has, counted for the image that has the fewest.

    This node counts by what is in its store, others by their claims, but for those that an audit by
    this node has refuted. Exit code 3 means that a slice has fewer copies than your settings want
    (replication.copies).
    """
    from node.slices.locate import copies_of_slices

    node = open_node(find_node(output.node))
    wanted, short, listed = node.config.replication.copies, 0, 0
    bring_bitmaps(node, output)
    with node.index() as index:
        for copies in copies_of_slices(node, index):
            known, few = copies.slice, copies.short_of(wanted)
            short, listed = short + few, listed + 1
            fields = {
                "type": "replicas",
                "slice": known.digest.uri,
                "name": known.slice.name,
                "members": known.slice.count,
                "copies": copies.least,
                "membersWithFewest": copies.worst,
                "hidden": copies.hidden,
                "complete": list(copies.complete),
                "partial": list(copies.partial),
                "short": few,
            }
            least = "?" if copies.least is None else str(copies.least)
            who = ", ".join(copies.complete) or "nobody has all of it"
            line = f"{known.digest.hex[:12]}  {least:>3} copies  {one_line(known.slice.name)}  ({who})"
            output.item(fields, line)
            if few:
                output.say(_warning(copies.least, copies.worst, wanted))
    if output.json:
        output.item({"type": "summary", "listed": listed, "short": short, "wanted": wanted})
    elif not listed:
        output.say("No slices.")
    return Exit.PARTIAL if short else Exit.OK


def _warning(least: int | None, worst: int, wanted: int) -> str:
    if least is None:
        return "  Its members cannot be told here: follow its logs (vasculum peer add), or sync."
    return f"  {worst:,} of its images have {least} of the {wanted} copies that your settings want."
