"""`vasculum peer`."""

from __future__ import annotations

from typing import Any

import click

from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.size import ByteSize


@click.group(cls=Group)
def command() -> None:
    """Other nodes whose logs this one follows."""


@command.command("add", cls=Command)
@click.argument("url")
@click.option("--log", metavar="ORIGIN", help="Follow this log, which the peer keeps a copy of.")
@click.option("--key", metavar="KEY", help="The log's key, as the institution published it.")
@click.option(
    "--most-bytes",
    type=ByteSize(),
    metavar="SIZE",
    help="What the log may take here without its images, such as 20GB; give it anew to change it.",
)
@click.pass_obj
def add(output: Output, url: str, log: str | None, key: str | None, most_bytes: int | None) -> None:
    """Follow the log of the node at URL.

    Its keys are shown: compare them with those that the institution publishes, or give the key with
    --key. From then on nothing that another key signed is taken. `vasculum sync` fetches what the log names.
    """
    from node.compose import open_node
    from node.layout import find_node
    from node.peers.add import add_peer

    peer, followed = add_peer(open_node(find_node(output.node)), url, log=log, key=key, most=most_bytes)
    fields = {
        "type": "summary",
        "url": peer.url,
        "name": peer.name,
        "origin": followed.origin,
        "institution": followed.institution,
        "logKey": str(followed.key),
        "identity": followed.identity.did,
    }
    text = (
        f"Following {followed.institution} at {peer.url}\n"
        f"  log       {followed.origin}\n  log key   {followed.key}\n  signs as  {followed.identity.did}"
    )
    output.item(fields, text)
    if key is None:
        output.say("Compare this log key with the one that the institution publishes. Then: vasculum sync")


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List peers and followed logs, and how the last sync with each went."""
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    for peer in node.peers.peers():
        about = {"url": peer.url, "name": peer.name, "origin": peer.origin, "added": peer.added}
        output.item({"type": "peer", **about}, f"{peer.url}  {peer.name}")
    for log in node.peers.logs():
        size, taken = node.followed(log).head().size, node.peers.taken(log.origin)
        fields: dict[str, Any] = {
            "type": "log",
            "origin": log.origin,
            "institution": log.institution,
            "logKey": str(log.key),
            "size": size,
            "taken": taken,
            "synced": log.synced,
            "frozen": log.frozen,
            "trouble": log.trouble,
            "refused": len(node.peers.refusals(log.origin)),
            "bytes": log.used,
            "mostBytes": log.most or node.config.follow.most_bytes,
        }
        state = f"FROZEN: {log.frozen}" if log.frozen else log.trouble or f"synced {log.synced or 'never'}"
        output.item(fields, f"{log.origin}  {log.institution}  {taken} of {size} entries; {state}")
    count = len(node.peers.logs())
    output.item({"type": "summary", "peers": len(node.peers.peers()), "logs": count}, None)
