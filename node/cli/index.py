"""`vasculum index rebuild`."""

from __future__ import annotations

import click

from node.cli.main import Command, Group
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node


@click.group(cls=Group, help="The database that answers your questions; it can always be made anew.")
def command() -> None:
    """The index is derived from log and segments."""


@command.command("rebuild", cls=Command)
@click.pass_obj
def rebuild(output: Output) -> None:
    """Throw the index away and make it anew from log and segments.

    The digest that it prints is the same every time, on every machine, for the same log.
    """
    from node.index.rebuild import rebuild_index

    node = open_node(find_node(output.node))
    output.say("Making the index anew from log and segments")
    digest, leaves = rebuild_index(node)
    fields = {"type": "index", "indexDigest": digest.uri, "logSize": leaves}
    output.item(fields, f"The index holds {leaves} log entries: {digest}")


@command.command("digest", cls=Command)
@click.pass_obj
def digest(output: Output) -> None:
    """Print the digest over everything that the index holds."""
    from node.index import index_digest

    node = open_node(find_node(output.node))
    with node.index() as index:
        found, leaves = index_digest(index), index.log_size()
    output.item({"type": "index", "indexDigest": found.uri, "logSize": leaves}, str(found))


@command.command("similar", cls=Command)
@click.argument("name", metavar="[ANALYZER]", default="embedding")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of it; repeatable.")
@click.pass_obj
def similar(output: Output, name: str, settings: tuple[str, ...]) -> None:
    """Make an index of the vectors that ANALYZER made (embedding, unless you say another), and sign it.

    It is a blob like others: nodes that follow this one can search it, also for pictures that they do not
    have. With no new vectors nothing is made.
    """
    from node.analysis.plan import make_plan
    from node.cli.analyze import parameters_of
    from node.similar.make import make_vectors

    node = open_node(find_node(output.node))
    with output.progress("Making the index", None):
        known, new = make_vectors(node, make_plan(node, name, parameters_of(settings)))
    made = known.made
    fields = {"index": known.digest.uri, "vectors": made.count, "blob": made.index.uri, "new": new}
    words = f"{made.count:,} vectors, {'signed' if new else 'as before'}: {known.digest.uri}"
    output.item({"type": "summary", **fields}, words)
