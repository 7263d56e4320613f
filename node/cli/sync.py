"""`vasculum sync`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output


@click.command(cls=Command)
@click.pass_obj
def command(output: Output) -> int:
    """Fetch what is new in the logs that this node follows.

    Every checkpoint, entry, statement and row is checked before it counts; what does not hold is refused and
    named. Images are not fetched: that is for `fetch`, `clone` and mirrors.
    """
    from node.compose import open_node
    from node.layout import find_node
    from node.peers.sync import follow_all

    node = open_node(find_node(output.node))
    if not node.peers.logs():
        output.say("No log is followed yet: vasculum peer add URL")
    results = follow_all(node, output.say)
    frozen = partial = 0
    for result in results:
        fields = {
            "type": "log",
            "origin": result.origin,
            "size": result.size,
            "new": result.new,
            "taken": result.taken,
            "blobs": result.blobs,
            "refused": {str(index): reason for index, reason in result.refused.items()},
            "trouble": result.trouble,
            "frozen": result.frozen,
        }
        output.item(
            fields, f"{result.origin}: {result.new:,} new entries of {result.size:,}, {result.blobs:,} blobs"
        )
        for index, reason in result.refused.items():
            output.say(f"  refused: entry {index}: {reason}")
        for text in result.trouble:
            output.say(f"  {text}")
        if result.frozen:
            output.say(
                f"  FROZEN: {result.frozen}. What came before is kept; nothing more is taken from this log."
            )
        frozen += result.frozen is not None
        partial += not result.complete or bool(result.refused)
    output.item({"type": "summary", "logs": len(results), "new": sum(r.new for r in results),
                 "blobs": sum(r.blobs for r in results), "partial": partial, "frozen": frozen})  # fmt: skip
    return Exit.VERIFICATION_FAILED if frozen else Exit.PARTIAL if partial else Exit.OK
