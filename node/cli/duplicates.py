"""`vasculum duplicates [H]`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from node.cli.main import Command
from node.cli.output import Output
from node.compose import Node, open_node
from node.duplicates.levels import Level
from node.index import Index
from node.layout import find_node
from node.look.resolve import resolve
from node.policy import Principal


@click.command(cls=Command)
@click.argument("identifier", metavar="[H]", required=False)
@click.option(
    "--level",
    "levels",
    type=click.Choice([str(level) for level in Level]),
    multiple=True,
    help="Only this level; may be given several times. Default: all.",
)
@click.pass_obj
def command(output: Output, identifier: str | None, levels: tuple[str, ...]) -> None:
    """Show what is there more than once: what is the same as H, or every group of this node.

    The levels are bytes, pixels (the same picture in another file), near (nearly the same picture),
    specimen (records that share an identifier) and gathering (collector, number and date). Nothing is
    ever merged. For pixels and near, pictures have to be read first: `vasculum pictures`.
    """
    node = open_node(find_node(output.node))
    wanted = [Level(level) for level in levels] or list(Level)
    with node.index() as index:
        if identifier is None:
            _groups(output, index, wanted)
        else:
            _links(output, node, index, identifier, wanted)


def _links(output: Output, node: Node, index: Index, identifier: str, wanted: list[Level]) -> None:
    from node.duplicates.links import links_of

    counts = dict.fromkeys(map(str, wanted), 0)
    for link in links_of(index, resolve(node, index, identifier), Principal.OPERATOR):
        if link.level in wanted:
            counts[link.level] += 1
            output.item({"type": "link", **_fields(link)}, _words(link))
    output.item({"type": "summary", "links": counts}, _sum(counts, "links"))


def _words(link: Any) -> str:
    told = "" if link.origin is None else f", as {link.origin} tells"
    bits = "" if link.distance is None else f", {link.distance} of 256 bits differ"
    return f"{link.level}: {link.other} ({', '.join(link.on)}{bits}{told})"


def _fields(value: Any) -> dict[str, Any]:
    return {name: found for name, found in asdict(value).items() if found is not None}


def _groups(output: Output, index: Index, wanted: list[Level]) -> None:
    from node.duplicates.groups import groups

    counts = dict.fromkeys(map(str, wanted), 0)
    with output.progress("Comparing pictures", None) as bar:
        for level in wanted:
            for group in groups(index, level, Principal.OPERATOR, bar.advance):
                counts[level] += 1
                text = f"{group.level} ({group.on} {group.value}):\n  " + "\n  ".join(group.members)
                output.item({"type": "group", **_fields(group)}, text)
    output.item({"type": "summary", "groups": counts}, _sum(counts, "groups"))


def _sum(counts: dict[str, int], what: str) -> str:
    return f"{what}: " + ", ".join(f"{number:,} {level}" for level, number in counts.items())
