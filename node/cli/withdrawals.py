"""`vasculum withdrawals`: the notices that this node knows, and what is done about them."""

from __future__ import annotations

import click

from node.cli.main import Command, Group
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node


@click.group(cls=Group)
def command() -> None:
    """List notices of withdrawal, and decide on them."""


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List every notice in the logs that this node knows, and its effect here.

    The effect is hide, delete or keep; none means that whoever made it did not publish the thing, and is
    no authority by your settings.
    """
    from node.withdrawal.listing import listed

    node = open_node(find_node(output.node))
    with node.index() as index:
        rows = listed(node, index)
    for row in rows:
        why = row["reason"] + (f": {row['description']}" if row["description"] else "")
        things = ", ".join(row["withdraws"][:3]) + (" ..." if len(row["withdraws"]) > 3 else "")
        output.item(
            row, f"{row['effect']:<7} {row['statement']}  {row['at']}  {row['log']}  {why}\n        {things}"
        )
    if output.json:
        output.item({"type": "summary", "listed": len(rows)})
    elif not rows:
        output.say("No notices of withdrawal.")


@command.command("decide", cls=Command)
@click.argument("notice", metavar="NOTICE")
@click.argument("choice", type=click.Choice(["keep", "hide", "delete"]))
@click.option("--text", default="", metavar="WORDS", help="Why; public for ever.")
@click.pass_obj
def decide_command(output: Output, notice: str, choice: str, text: str) -> None:
    """Decide what is done here with what NOTICE (urn:uuid:...) names: keep, hide or delete it.

    Hidden is what happens unless you decide. The decision is signed into your own log. Deleting cannot be
    undone, and only what is withdrawn here is deleted.
    """
    from node.withdrawal.deletion import decide, delete_bytes
    from provenance.statement.kinds.withdrawal import Choice

    node = open_node(find_node(output.node))
    with node.writing():
        decision = decide(node, notice, Choice(choice), text)
        deleted = delete_bytes(node) if decision.choice is Choice.DELETE else 0
    fields = {
        "type": "summary",
        "statement": decision.id,
        "notice": notice,
        "decision": choice,
        "deleted": deleted,
    }
    output.item(fields, f"Decided to {choice}; {deleted} blobs deleted.")
