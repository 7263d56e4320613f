"""`vasculum init`."""

from __future__ import annotations

import click

from node.cli.main import Command
from node.cli.output import Output
from node.layout import new_node_place


@click.command(cls=Command)
@click.option(
    "--name",
    default="Unnamed collection",
    show_default=True,
    help="Your institution, as it shall stand in statements and citations.",
)
@click.option(
    "--origin",
    help="The name of this node's log, such as herbarium.example.org/log. "
    "It can never be changed; default: a name that nobody else has.",
)
@click.option(
    "--passphrase",
    is_flag=True,
    help="Ask for a passphrase that protects the private keys. Later commands read it from "
    "the environment variable VASCULUM_PASSPHRASE.",
)
@click.pass_obj
def command(output: Output, name: str, origin: str | None, passphrase: bool) -> None:
    """Make a node: a folder with your keys, your settings and an empty log.

    Without --node it is made in .vasculum in this folder.
    """
    import os

    from node.compose import PASSPHRASE_VARIABLE
    from node.create import create_node

    if passphrase and PASSPHRASE_VARIABLE not in os.environ:
        os.environ[PASSPHRASE_VARIABLE] = click.prompt(
            "Passphrase", hide_input=True, confirmation_prompt=True, err=True
        )
    node = create_node(new_node_place(output.node), name, origin)
    fields = {
        "type": "node",
        "node": str(node.layout.root),
        "name": name,
        "origin": node.config.identity.origin,
        "identity": node.identity_public.did,
        "logKey": str(node.log_key),
    }
    output.item(fields, "\n".join((
        f"A node for {name} at {node.layout.root}",
        f"  signs as  {fields['identity']}",
        f"  log       {fields['origin']}",
        f"  log key   {fields['logKey']}",
        "Publish the log key: whoever trusts it can check your citations.",
    )))  # fmt: skip
    output.say(
        "Move keys/next-identity.pem and keys/next-log.pem to a safe place; you need them to change keys."
    )
    output.say("Next: vasculum track SOURCE")
