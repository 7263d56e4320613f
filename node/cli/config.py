"""`vasculum config check`."""

from __future__ import annotations

import click

from node.cli.main import Command, Group
from node.cli.output import Output
from node.config import read_config
from node.layout import find_node


@click.group(cls=Group, help="Look at this node's settings.")
def command() -> None:
    """Settings live in node.toml, a commented text file in the node's folder."""


@command.command("check", cls=Command)
@click.pass_obj
def check(output: Output) -> None:
    """Check node.toml and name every mistake in it.

    Nothing is changed. Run it after you edited the file.
    """
    layout = find_node(output.node)
    config = read_config(layout.config)
    rules = len(config.policy.withhold)
    fields = {
        "type": "config",
        "config": str(layout.config),
        "valid": True,
        "name": config.identity.name,
        "origin": config.identity.origin,
        "withholdRules": rules,
    }
    output.item(fields, f"{layout.config} is in order: {config.identity.name}, log {config.identity.origin}, "
                f"{rules} withholding rules.")  # fmt: skip
