"""`vasculum dataset show`, `ls`, `diff`, `datasheet`, `attribution`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.visible import one_line, visible
from node.compose import open_node
from node.errors import DatasetError, NodeError
from node.layout import find_node

if TYPE_CHECKING:
    from node.compose import Node
    from node.datasets.known import KnownDataset
    from node.index import Index

_INTO = click.option(
    "--output", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write to this file instead of standard output.",
)  # fmt: skip


@click.command("ls", cls=Command)
@click.option("--all", "everything", is_flag=True, help="Older versions too.")
@click.pass_obj
def ls(output: Output, everything: bool) -> None:
    """List the datasets that are known here.

    Those of this node and of the logs that it follows, the newest version of each.
    """
    from node.datasets.known import known_datasets
    from node.datasets.told import dataset_fields

    node, seen = open_node(find_node(output.node)), set()
    listed = 0
    with node.index() as index:
        for known in known_datasets(node, index):
            made, key = known.version, (known.log, known.version.family)
            if key in seen and not everything:
                continue
            seen.add(key)
            listed += 1
            whose = "own" if known.is_own else known.origin
            words = (
                f"{known.digest.hex[:12]}  {made.count:>9,}  v{made.number}  {whose}  {one_line(made.title)}"
            )
            output.item({"type": "dataset", **dataset_fields(known)}, words)
    if output.json:
        output.item({"type": "summary", "listed": listed})
    elif not listed:
        output.say("No datasets.")


@click.command("show", cls=Command)
@click.argument("identifier", metavar="H")
@click.option("--members", is_flag=True, help="List the members too.")
@click.option("--check", is_flag=True, help="Make the manifest again from the rows, and compare.")
@click.pass_obj
def show(output: Output, identifier: str, members: bool, check: bool) -> Exit:
    """Show a version.

    What it was made of, its licences and splits, who cites it, and what was made from it.

    H may be the dataset's title, which stands for its newest version.
    """
    from node.datasets.known import find_dataset
    from node.datasets.rebuild import rebuild
    from node.datasets.shown import shown_members

    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_dataset(node, index, identifier)
        if members:
            for member in shown_members(node, index, known):
                fields = {"type": "member", **member.document()}
                output.item(
                    fields, f"{member.digest}  {member.split or '-'}  {one_line(member.label or '-')}"
                )
        rebuilt = rebuild(node, index, known) if check else None
        fields, lines = _account(node, index, known)
    if rebuilt is not None:
        fields["identical"] = rebuilt.identical
        lines.append(rebuilt.words)
    output.item({"type": "summary", **fields}, "\n".join(lines))
    if rebuilt is None or rebuilt.identical:
        return Exit.OK
    return Exit.PARTIAL if rebuilt.reason else Exit.VERIFICATION_FAILED


def _account(node: Node, index: Index, known: KnownDataset) -> tuple[dict[str, Any], list[str]]:
    from node.datasets.hidden import hidden_count
    from node.datasets.known import versions_of
    from node.datasets.told import dataset_fields, datasheet_of, made_of
    from node.datasets.uses import citing_works, made_from, published_by

    made, sheet = known.version, datasheet_of(node, known)
    withdrawn = hidden_count(node, index, known)
    works, uses = citing_works(node, index, known), made_from(node, index, known)
    published = published_by(node, index, known)
    newest = next((one for one in versions_of(node, index, known) if one.version.number > made.number), None)
    fields = dataset_fields(known) | {
        "withdrawn": withdrawn,
        "citation": known.description(withdrawn or 0).citation,
        "published": published,
        "newest": newest.digest.uri if newest else None,
        "citedBy": [
            {"work": one.work, "origin": one.origin, "statement": one.statement.uri} for one in works
        ],
        "madeFromIt": [
            {"statement": one.statement.uri, "kind": one.kind, "origin": one.origin, "terms": list(one.terms)}
            for one in uses
        ],
    }
    lines = [
        f"{one_line(made.title)}, version {made.number}",
        str(known.digest),
        f"made {made.made.isoformat()} by {one_line(made.publisher)} ({made.agent.did})",
        f"{made.count:,} images, {made.kind.value}, {made.license}",
        *made_of(node, known),
        *_sheet_lines(sheet),
        *([f"{withdrawn:,} withdrawn"] if withdrawn else []),
        *([f"published in {', '.join(published)}"] if published else []),
        *([f"newest version: {newest.version.number}, {newest.digest}"] if newest else []),
        *(f"cited by {one.work} (says {one.origin})" for one in works),
        *(f"used by {one.kind} {one.statement} ({', '.join(one.terms)}; {one.origin})" for one in uses),
    ]
    return fields, lines


def _sheet_lines(sheet: Any) -> list[str]:
    from node.cli.dataset_telling import licence_words, split_words, whole_words

    if sheet is None:
        return []
    lines = [f"licences {licence_words(sheet['licences'])}"]
    lines += [note] if (note := whole_words(sheet["licences"])) else []
    return [*lines, f"splits {split_words(sheet['splits'])}"] if sheet["splits"] else lines


@click.command("diff", cls=Command)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.pass_obj
def diff(output: Output, old: str, new: str) -> None:
    """Compare two versions.

    What B has that A has not, what it lost, and which members are told of otherwise.
    """
    from collections import Counter

    from hashstore.digest import Digest
    from manifests.dataset.manifest import Change, differences
    from node.datasets.known import find_dataset, members_of_dataset
    from node.slices.run import HIDDEN, among

    node = open_node(find_node(output.node))
    signs, counts, lost = {"added": "+", "removed": "-", "changed": "~"}, Counter[str](), list[Digest]()
    with node.index() as index:
        before, after = (find_dataset(node, index, text) for text in (old, new))
        for one in differences(members_of_dataset(node, before), members_of_dataset(node, after)):
            counts[one.change] += 1
            lost += [one.digest] if one.change is Change.REMOVED else []
            what = f" ({', '.join(one.fields)})" if one.fields else ""
            fields = {"type": "change", "change": one.change, "digest": one.digest.uri, "fields": one.fields}
            output.item(fields, f"{signs[one.change]} {one.digest}{what}")
        withdrawn = len(among(index, HIDDEN, lost))
    counts["removed"] -= withdrawn
    told = {name: counts[name] for name in ("added", "removed", "changed")} | {"withdrawn": withdrawn}
    if output.json:
        output.item({"type": "summary", **told})
    else:
        output.say(", ".join(f"{count:,} {name}" for name, count in told.items()) + ".")


@click.command("datasheet", cls=Command)
@click.argument("identifier", metavar="H")
@_INTO
@click.pass_obj
def datasheet(output: Output, identifier: str, file: Path | None) -> None:
    """Tell how a version is composed.

    In Markdown: licences, labels, and how balanced places, times, taxa and institutions are. With --json
    as it was signed.
    """
    from manifests.dataset.datasheet_text import datasheet_text
    from node.datasets.hidden import hidden_blobs, hidden_count
    from node.datasets.known import find_dataset
    from node.datasets.told import datasheet_of, made_of

    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_dataset(node, index, identifier)
        description = known.description(hidden_count(node, index, known) or 0)
        if known.version.datasheet in hidden_blobs(node, index):
            raise DatasetError(
                f"{description.withdrawn:,} members were withdrawn since, and the datasheet still tells of "
                f"them. Make the next version: vasculum dataset refresh {known.digest.hex[:12]}"
            )
    sheet = datasheet_of(node, known)
    if sheet is None:
        raise DatasetError(f"The datasheet is not here. Bring it: vasculum dataset fetch {known.digest.hex}")
    as_signed = json.dumps(sheet, ensure_ascii=False) + "\n"
    text = as_signed if output.json else datasheet_text(description, sheet, made_of(node, known))
    _put(output, [text], file)


@click.command("attribution", cls=Command)
@click.argument("identifier", metavar="H")
@_INTO
@click.pass_obj
def attribution(output: Output, identifier: str, file: Path | None) -> None:
    """Write who is credited.

    The file credits every image of a version under its licence, and goes with every copy.
    """
    from manifests.dataset.attribution import attribution_file
    from node.datasets.hidden import hidden_count
    from node.datasets.known import find_dataset
    from node.datasets.shown import shown_members

    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_dataset(node, index, identifier)
        description = known.description(hidden_count(node, index, known) or 0)
        _put(output, attribution_file(description, shown_members(node, index, known)), file)


def _put(output: Output, parts: Iterable[str], file: Path | None) -> None:
    if file is None:
        for part in parts:
            click.echo(visible(part), nl=False)
        return
    try:
        with file.open("w", encoding="utf-8") as stream:
            stream.writelines(parts)
    except OSError as error:
        raise NodeError(f"{file} cannot be written: {error.strerror}") from error
    output.item({"type": "summary", "file": str(file), "bytes": file.stat().st_size}, str(file))
