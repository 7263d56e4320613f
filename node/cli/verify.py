"""`vasculum verify`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.option(
    "--deep",
    is_flag=True,
    help="Also check statements, signatures, segments, log, checkpoint, keys and index.",
)
@click.pass_obj
def command(output: Output, deep: bool) -> Exit:
    """Hash every blob again, and name each one that is bad, missing or does not belong.

    Nothing is changed. Exit code 4 means that something is wrong.
    """
    from node.verify import verify_node

    node = open_node(find_node(output.node))
    digests = list(node.store.digests())
    total = sum(node.store.size(digest) for digest in digests)
    faults = 0
    with output.progress("Verifying", total, size=True) as bar:
        for fault in verify_node(node, deep=deep, progress=bar.advance, phase=output.say):
            faults += 1
            output.item(fault.fields(), f"{fault.kind.upper()} {fault.path}\n    {fault.message}")
    summary = {"type": "summary", "blobs": len(digests), "bytes": total, "deep": deep, "faults": faults}
    words = "nothing wrong" if not faults else f"{faults:,} fault{'' if faults == 1 else 's'}, named above"
    output.item(summary, f"{len(digests):,} blobs, {total:,} bytes, {'deep, ' if deep else ''}{words}.")
    return Exit.VERIFICATION_FAILED if faults else Exit.OK
