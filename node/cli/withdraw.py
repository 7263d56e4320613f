"""`vasculum withdraw H`."""

from __future__ import annotations

import click

from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node

_REASONS = ("personal-data", "rights", "locality", "cultural", "legal", "error", "other")


@click.command(cls=Command)
@click.argument("identifier", metavar="H")
@click.option(
    "--reason", type=click.Choice(_REASONS), required=True, help="Why, as a code that others can act on."
)
@click.option(
    "--text",
    default="",
    metavar="WORDS",
    help="Why, in words. They are public for ever: repeat nothing of what you take back.",
)
@click.option("--delete", is_flag=True, help="Delete the bytes here as well. This cannot be undone.")
@click.option(
    "--of-others",
    is_flag=True,
    help="Make the notice although this node did not publish H; it counts where you are an authority.",
)
@click.pass_obj
def command(output: Output, identifier: str, reason: str, text: str, delete: bool, of_others: bool) -> None:
    """Take back H: bytes, a row with all its versions, or a segment that this node published.

    From now on it is not shown to anybody but you. What tells of it is published again without it, and
    a signed notice asks others to do likewise. Its digest stays in the log, so that citations made before
    still verify.
    """
    from node.withdrawal.publish import Order, withdraw
    from provenance.statement.kinds.withdrawal import Reason

    node = open_node(find_node(output.node))
    done = withdraw(node, Order(identifier, Reason(reason), text, delete, of_others))
    fields = {
        "type": "summary",
        "statement": done.statement,
        "withdrawn": list(done.names),
        "rows": done.rows,
        "segments": done.segments,
        "deleted": done.deleted,
        "stillIn": [digest.uri for digest in done.archives],
    }
    words = (
        f"Withdrawn by {done.statement}: {done.rows} rows hidden, {done.segments} segments no longer served"
    )
    output.item(fields, words + (f", {done.deleted} blobs deleted." if delete else "."))
    for digest in done.archives:
        output.say(
            f"The file {digest} holds the same lines and is still public: vasculum withdraw {digest.hex}"
        )
    if delete:
        output.say("To have it leave the database file as well: vasculum index rebuild")
