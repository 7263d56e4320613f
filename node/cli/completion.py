"""`vasculum completion SHELL`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from node.cli.main import Command, root


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for your shell.

    For bash, add this line to ~/.bashrc: eval "$(vasculum completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root, {}, "vasculum", "_VASCULUM_COMPLETE").source())
