"""`vasculum annotate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from analyzers.external import ExternalAnalyzer
    from hashstore.digest import Digest
    from manifests.members import MemberList
    from node.annotate.machines import Imported
    from node.annotate.naming import Names
    from node.compose import Node

_FORMATS = click.Choice(["w3c", "coco", "voc", "labelme", "csv", "jsonl"])


@click.group(cls=Group, help="Bring in annotations and results made elsewhere, and give out those here.")
def command() -> None:
    """Annotations in the formats of others."""


@command.command("import", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "form", type=_FORMATS, required=True, help="The file's format.")
@click.option("--analyzer", metavar="NAME@VERSION", help="The program that made the results, elsewhere.")
@click.option(
    "--task", default="detect", show_default=True, help="What that does: detect, classify, segment…"
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME=FILE|H",
    help="A model of that program, by its file or its digest; repeatable.",
)
@click.option("--agent", metavar="IRI", help="Or: who drew and wrote it, where the file does not say.")
@click.option(
    "--label", "labels", multiple=True, metavar="LABEL", help="A label that there may be; repeatable."
)
@click.option(
    "--names",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="MANIFEST",
    help="The vasculum-export.jsonl of the export whose file names the file uses.",
)
@click.pass_obj
def bring_in(
    output: Output, file: Path, form: str, analyzer: str | None, task: str, models: tuple[str, ...],
    agent: str | None, labels: tuple[str, ...], names: Path | None,
) -> Exit:  # fmt: skip
    """Bring in what stands in FILE, as far as it can be tied to images of this node.

    With --analyzer and --model, results of a program that was run elsewhere: they are signed as a run of it.
    Without, annotations of people, which wait for review (`vasculum review ls`). Each item that is refused is
    listed with its reason; exit code 3 means that there are such.
    """
    from analyzers.exchange.formats import format_named
    from node.annotate.machines import import_results
    from node.annotate.people import import_annotations

    node, known = open_node(find_node(output.node)), _names(names)
    items = list(format_named(form).read(file.read_bytes()))
    if analyzer is not None:
        if agent is not None:
            raise click.UsageError("Give --analyzer for results of a program, or --agent for a person's.")
        done = import_results(node, _external(analyzer, task, models), items, known, labels)
    else:
        done = import_annotations(node, items, agent, known, labels)
    return _tell(output, done)


def _names(path: Path | None) -> Names:
    from node.annotate.naming import Names, names_of_manifest

    if path is None:
        return Names()
    with path.open("rb") as lines:
        return names_of_manifest(lines)


def _external(name: str, task: str, models: Sequence[str]) -> ExternalAnalyzer:
    from analyzers.description import Task
    from analyzers.external import ExternalAnalyzer

    plain, at, version = name.rpartition("@")
    if not at:
        raise click.UsageError(f"--analyzer {name!r}: write NAME@VERSION, such as beetle-net@2.1.")
    if task not in set(Task):
        raise click.UsageError(f"--task {task!r}: one of {', '.join(Task)}.")
    return ExternalAnalyzer(plain, version, Task(task), dict(map(_model, models)))


def _model(text: str) -> tuple[str, Digest]:
    import hashlib

    from hashstore.digest import Digest
    from hashstore.errors import HashstoreError

    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--model {text!r}: write NAME=FILE or NAME=hash://sha256/….")
    if Path(value).is_file():
        with Path(value).open("rb") as file:
            return name, Digest(hashlib.file_digest(file, "sha256").digest())
    try:
        return name, Digest.parse(value)
    except HashstoreError as error:
        raise click.UsageError(f"--model {text!r}: {value} is neither a file nor a digest.") from error


def _tell(output: Output, done: Imported) -> Exit:
    for one in done.refused:
        fields = {"type": "refused", "item": one.place, "reason": one.reason, "message": one.words}
        output.item(fields, f"Item {one.place} is refused, {one.reason}: {one_line(one.words)}")
    statement = done.statement.uri if done.statement else None
    counts = {
        "taken": done.taken,
        "images": done.images,
        "refused": len(done.refused),
        "statement": statement,
    }
    words = f"{done.taken} taken, about {done.images} images; {len(done.refused)} refused."
    output.item(counts, words + (f"\nSigned: {statement}" if statement else ""))
    if not done.refused:
        return Exit.OK
    return Exit.PARTIAL if done.taken else Exit.ERROR


@command.command("export", cls=Command)
@click.option("--as", "form", type=_FORMATS, required=True, help="The format.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE"
)
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="Which images (spec/filters.md); default: all."
)
@click.option("--dataset", metavar="H", help="Or: the members of this version of a dataset.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; repeatable.")
@click.option("--by", type=click.Choice(["machines", "people"]), help="Only what these said.")
@click.option("--accepted", is_flag=True, help="Only what reviewers of this node accepted.")
@click.pass_obj
def give_out(
    output: Output, form: str, target: Path, text: str | None, dataset: str | None, kinds: tuple[str, ...],
    by: str | None, accepted: bool,
) -> None:  # fmt: skip
    """Write what is said of images to FILE, and tell what the format cannot say."""
    from analyzers.exchange.formats import format_named
    from node.annotate.giving import Wanted, items_about, under_file_names

    if text is not None and dataset is not None:
        raise click.UsageError("Give --filter or --dataset, not both.")
    node = open_node(find_node(output.node))
    wanted = Wanted(kinds, by != "people", by != "machines", accepted)
    members = _members(node, text, dataset)
    with node.index() as index:
        items = list(items_about(node, index, members, wanted))
        if form in ("coco", "voc", "labelme"):
            items = under_file_names(index, items)
    written = format_named(form).write(items)
    target.write_bytes(written.data)
    for member, count in sorted(written.lost.items()):
        output.say(f"{form} cannot say: {member}, of {count} items")
    lost = dict(sorted(written.lost.items()))
    output.item({"items": len(items), "file": str(target), "lost": lost}, f"{len(items)} items in {target}")


def _members(node: Node, text: str | None, dataset: str | None) -> MemberList:
    from node.analysis.choose import images_of_dataset, images_of_filter
    from node.cli.filtering import filter_of
    from node.slices.create import composed

    with node.index() as index:
        if dataset is not None:
            return images_of_dataset(node, index, dataset)
        return images_of_filter(node, index, composed(filter_of(text) if text else None, {}))
