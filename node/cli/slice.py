"""`vasculum slice`."""

from __future__ import annotations

from typing import Any

import click

from node.cli.filtering import filter_of
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

_FIELDS = {
    "taxon": ("--taxon", "A taxon of any rank, with all below it."),
    "collection": ("--collection", "A collection by code or identifier."),
    "institution": ("--institution", "An institution by code or identifier."),
    "country": ("--country", "A country by name or code, as published."),
    "licence": ("--licence", "The licence of the picture, as published."),
    "typeStatus": ("--type-status", "A type status, such as holotype."),
    "basisOfRecord": ("--basis-of-record", "Such as PreservedSpecimen."),
}


@click.group(
    cls=Group, help="Choose images by what their records say, and fix that choice so that all can check it."
)
def command() -> None:
    """A slice is a filter, the state of the logs, and the Merkle root over the images that it names."""


def _wishes(function: Any) -> Any:
    for name, (flag, about) in reversed(_FIELDS.items()):
        function = click.option(flag, name, multiple=True, metavar="VALUE", help=about)(function)
    return function


@command.command("create", cls=Command)
@click.argument("name")
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="A filter (spec/filters.md), or a file with one."
)
@_wishes
@click.option("--from", "first", metavar="DATE", help="Collected on this date (YYYY[-MM[-DD]]) or later.")
@click.option("--to", "last", metavar="DATE", help="Collected on this date or earlier.")
@click.option("--log", "origins", multiple=True, metavar="ORIGIN", help="Only of this log; may be repeated.")
@click.option("--previous", metavar="H", help="The slice that it replaces, if that has another name.")
@click.pass_obj
def create(
    output: Output, /, name: str, text: str | None, first: str | None, last: str | None,
    origins: tuple[str, ...], previous: str | None, **wishes: tuple[str, ...],
) -> None:  # fmt: skip
    """Choose images and sign the choice into the log under NAME.

    All conditions have to hold; of an option that is repeated, one of the values. Without any, the
    slice has every image. Only public rows count.
    """
    from node.checklists.use import by_checklist
    from node.slices.create import composed, create_slice

    node = open_node(find_node(output.node))
    written = None if text is None else filter_of(text)
    wanted = composed(written, {field: wishes[field] for field in _FIELDS}, first, last)
    tree = by_checklist(node, wanted)
    with node.writing():
        known = create_slice(node, name, tree, origins, previous)
    _tell(output, known, f"{known.slice.name}: {known.slice.count:,} images\n{known.digest}")


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the slices of this node and of the logs that it follows."""
    from node.slices.known import known_slices

    node, listed = open_node(find_node(output.node)), 0
    with node.index() as index:
        origins = index.origins()
        for known in known_slices(node, index):
            listed += 1
            whose = origins[known.log] or "own"
            name = one_line(known.slice.name)
            _tell(output, known, f"{known.digest.hex[:12]}  {known.slice.count:>9,}  {whose}  {name}")
    if output.json:
        output.item({"type": "summary", "listed": listed})
    elif not listed:
        output.say("No slices.")


@command.command("show", cls=Command)
@click.argument("identifier", metavar="H")
@click.option("--members", is_flag=True, help="List the members too.")
@click.option("--check", is_flag=True, help="Resolve it anew and compare.")
@click.pass_obj
def show(output: Output, identifier: str, members: bool, check: bool) -> None:
    """Show a slice: its filter, the logs that it was made of, and what it names. H may be its name."""
    from manifests.filter import written
    from node.slices.known import find_slice, members_of, resolved_anew
    from node.slices.locate import withdrawn_members

    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_slice(node, index, identifier)
        if check:
            resolved_anew(node, index, known)
        listed = members_of(node, index, known) if members else ()
        withdrawn = withdrawn_members(node, index, known)
    made = known.slice
    lines = [
        made.name,
        str(known.digest),
        f"made {made.made.isoformat()} by {made.agent.did}",
        f"filter {written(made.filter)}",
        f"{made.count:,} images under {made.members_root}",
    ]
    lines += [f"log {log.origin} with {log.size} entries, {log.root.hex}" for log in made.state]
    lines += [f"{withdrawn:,} withdrawn"] if withdrawn else []
    lines += ["Resolved anew, it has the same members."] if check else []
    for digest in listed:
        output.item({"type": "member", "digest": digest.uri}, str(digest))
    _tell(output, known, "\n".join(lines), checked=check, withdrawn=withdrawn)


@command.command("diff", cls=Command)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.pass_obj
def diff(output: Output, old: str, new: str) -> None:
    """Tell what slice B has that A has not, and the other way round, by digest."""
    from manifests.members import difference
    from node.slices.known import find_slice, members_of

    node = open_node(find_node(output.node))
    with node.index() as index:
        before, after = (members_of(node, index, find_slice(node, index, text)) for text in (old, new))
    added, removed = difference(before, after)
    for word, sign, digests in (("added", "+", added), ("removed", "-", removed)):
        for digest in digests:
            output.item({"type": "change", "change": word, "digest": digest.uri}, f"{sign} {digest}")
    if output.json:
        output.item({"type": "summary", "added": len(added), "removed": len(removed)})
    else:
        output.say(f"{len(added):,} added, {len(removed):,} removed.")


def _tell(output: Output, known: Any, text: str, **more: Any) -> None:
    from manifests.filter import filter_text

    made = known.slice
    fields = {
        "type": "slice",
        "slice": known.digest.uri,
        "name": made.name,
        "filter": filter_text(made.filter),
        "members": made.count,
        "membersRoot": made.members_root.uri,
        "memberList": made.members.uri,
        "previous": made.previous.uri if made.previous else None,
        "state": [{"origin": log.origin, "size": log.size, "root": log.root.uri} for log in made.state],
        "made": made.made.isoformat(),
        **more,
    }
    output.item(fields, text)
