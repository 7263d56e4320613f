"""`vasculum log cosign` and `vasculum log succeed`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output


@click.command("cosign", cls=Command)
@click.pass_obj
def cosign(output: Output) -> Exit:
    """Ask the witnesses that node.toml names to cosign the newest checkpoint.

    Exit code 3 means that fewer of them cosigned than the threshold asks for.
    """
    from node.compose import open_node
    from node.errors import ConfigError
    from node.layout import find_node
    from node.witness.own import gather_for

    node = open_node(find_node(output.node))
    if not node.config.witness.asked:
        raise ConfigError(f"{node.layout.config} names no witnesses: add [[witness.ask]] with url and key.")
    gathered = gather_for(node)
    for name in gathered.cosigned:
        output.item({"type": "cosignature", "witness": name}, f"cosigned by {name}")
    for name, why in gathered.failed:
        output.item({"type": "failed", "witness": name, "reason": why}, f"no cosignature by {name}: {why}")
    fields = {
        "type": "summary",
        "cosigned": len(gathered.cosigned),
        "threshold": gathered.threshold,
        "strong": gathered.strong,
    }
    words = "strong" if gathered.strong else "plain"
    output.item(
        fields, f"{len(gathered.cosigned)} of {gathered.threshold} witnesses: the checkpoint is {words}."
    )
    return Exit.OK if gathered.strong else Exit.PARTIAL


@click.command("succeed", cls=Command)
@click.option("--origin", help="The new log's name; default: a name that nobody else has.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def succeed(output: Output, origin: str | None, yes: bool) -> None:
    """Begin a new log that continues this one, which can never be appended to again.

    For a log that is broken, that contradicts itself, or whose keys someone else has. Only the identity
    key to which the log had committed (keys/next-identity.pem) may sign the succession: put it back
    first. The old log stays here, as one that is followed.
    """
    from node.compose import open_node
    from node.create import new_origin
    from node.keys.succeed import succeed as begin
    from node.layout import find_node
    from node.writer_lock import writer_lock

    node = open_node(find_node(output.node))
    old = node.config.identity.origin
    if not yes:
        click.confirm(f"Nothing will ever be added to {old} again. Go on?", abort=True, err=True)
    # Not `Node.writing`, which recovers the log: that it cannot be recovered may be why we are here.
    with writer_lock(node.layout.writer_lock):
        head = begin(node, origin or new_origin())
    node = open_node(node.layout)
    fields = {
        "type": "summary",
        "origin": node.config.identity.origin,
        "predecessor": old,
        "predecessorSize": head.size,
        "identity": node.identity_public.did,
        "logKey": str(node.log_key),
    }
    output.item(fields, "\n".join((
        f"The log {old} is continued from its {head.size} entries on",
        f"  by        {fields['origin']}",
        f"  log key   {fields['logKey']}",
        f"  signs as  {fields['identity']}",
        "Publish the new log key, and tell those who follow the old log.",
    )))  # fmt: skip
