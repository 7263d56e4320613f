"""`vasculum repair`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@sources
@click.pass_obj
def command(output: Output, urls: tuple[str, ...], disks: tuple[Path, ...]) -> Exit:
    """Hash every blob, and bring again each that is damaged or lost.

    What a log, a claim or a member list of this node names is looked for, and asked of disks that you
    name, of peers, and of where it was first published. Damaged bytes stay until sound ones are here.
    Exit code 3 means that something is still damaged or lost.
    """
    from node.slices.repair import repair

    node = open_node(find_node(output.node))
    repaired = left = 0
    with (
        fetching(node, output, urls, disks) as fetch,
        output.progress("Looking for damage", None, size=True) as bar,
    ):
        for found in repair(node, fetch, progress=bar.advance, phase=output.say):
            repaired, left = repaired + found.sound, left + (not found.sound)
            fields = {
                "type": "repair",
                "digest": found.digest.uri,
                "was": found.kind,
                "outcome": str(found.outcome),
            }
            word = "repaired" if found.sound else f"still {found.kind} ({found.outcome})"
            output.item(fields, f"{word}: {found.digest}")
    words = f"{repaired:,} repaired, {left:,} left." if repaired or left else "Nothing to repair."
    output.item({"type": "summary", "repaired": repaired, "left": left}, words)
    return Exit.PARTIAL if left else Exit.OK
