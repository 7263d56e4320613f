"""`vasculum dataset export` and `vasculum dataset import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from manifests.export.registry import format_names
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.export.model import Failure

_MOST_TOLD = 20


@click.command("export", cls=Command, epilog=f"Formats: {', '.join(format_names())}.")
@click.argument("identifier", metavar="H")
@click.option("--format", "form", metavar="FORMAT", required=True, help="What others' tools read; see below.")
@click.option(
    "--to",
    "place",
    metavar="PATH",
    required=True,
    help="A new folder, a new .tar or .zip, or s3://bucket/prefix.",
)
@click.option("--resume", is_flag=True, help="Go on with an export that was interrupted.")
@click.option(
    "--leave-out", is_flag=True, help="Export without the images that cannot be had, and name them."
)
@click.pass_obj
def export(output: Output, identifier: str, form: str, place: str, resume: bool, leave_out: bool) -> Exit:
    """Write a version in a format that others' tools read.

    Nothing is seen at PATH before it is whole. The same version of a dataset and of the exporter give the
    same bytes on every node; `vasculum-export.jsonl` in it names every file by its digest. Exit code 3 means
    that images are lacking: they are listed, and nothing was exported unless you asked for --leave-out.
    """
    from manifests.export.errors import MembersLost
    from manifests.export.registry import exporter
    from node.datasets.known import find_dataset
    from node.export.run import export_dataset, look_through

    if form not in format_names():
        raise click.UsageError(f"There is no format {form!r}. There are {', '.join(format_names())}.")
    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_dataset(node, index, identifier)
    try:
        with output.progress("Looking at members", known.version.count) as bar:
            ready = look_through(node, known, exporter(form), leave_out=leave_out, on_looked=bar.advance)
        with output.progress(f"Exporting {one_line(known.version.title)}", None, size=True) as bar:
            done = export_dataset(ready, place, resume=resume, on_file=lambda entry: bar.advance(entry.size))
    except MembersLost as error:
        _tell_failures(output, error.failures)
        output.fail(f"{error}. Nothing can be seen at {place}. To export the rest: --leave-out")
        return Exit.PARTIAL
    _tell_failures(output, done.left_out)
    finished = done.finished
    fields = {
        "type": "export",
        "dataset": known.digest.uri,
        "format": form,
        "to": place,
        "export": finished.manifest.uri,
        "files": finished.totals.files,
        "bytes": finished.totals.size,
        "kept": finished.kept,
        "leftOut": len(done.left_out),
    }
    words = f"{finished.totals.files:,} files, {finished.totals.size:,} bytes in {place}"
    words += f", {finished.kept:,} of them from before" if finished.kept else ""
    words += f"; {len(done.left_out):,} images left out" if done.left_out else ""
    output.item(fields, f"{words}\n{finished.manifest}")
    return Exit.PARTIAL if done.left_out else Exit.OK


@click.command("import", cls=Command)
@click.argument("place", metavar="PATH|URL")
@click.pass_obj
def import_(output: Output, place: str) -> Exit:
    """Check an export, and keep the images that this node knows.

    Every file is checked by its digest. PATH is a folder, a tar or a ZIP that `dataset export` made; URL is
    s3://bucket/prefix, or the https:// address of a folder on a web server. Images that no log here tells of
    are checked and not kept. Exit code 4 means that something in it is not what its manifest says.
    """
    from node.export.object_tree import opened_export
    from node.export.take import take_export

    if "://" not in place and not Path(place).exists():
        raise click.BadParameter(f"{place!r} is not there.", param_hint="PATH")
    node = open_node(find_node(output.node))
    with output.progress(f"Checking {one_line(place)}", None, size=True) as bar, opened_export(place) as tree:
        taken = take_export(node, tree, lambda entry: bar.advance(entry.size), bar.resize)
    for fault in taken.faults:
        output.item(
            {"type": "fault", "path": fault.path, "fault": fault.what},
            f"{one_line(fault.path)}: {one_line(fault.what)}",
        )
    fields = {
        "type": "import",
        "export": taken.manifest.uri,
        "dataset": taken.job.dataset.uri,
        "format": taken.job.format,
        "exporter": taken.job.exporter,
        "files": taken.files,
        "faults": len(taken.faults),
        "kept": taken.kept,
        "here": taken.here,
        "unknown": taken.unknown,
        "leftOut": len(taken.job.left_out),
    }
    words = f"{taken.files:,} files are what the manifest says, {len(taken.faults):,} are not.\n"
    words += (
        f"Images: {taken.kept:,} kept, {taken.here:,} were here, {taken.unknown:,} that no log here tells of."
    )
    output.item(fields, f"{words}\n{taken.manifest}")
    if taken.unknown:
        output.say(
            "To keep those too, follow the logs that tell of them, and import again: "
            f"vasculum dataset fetch {taken.job.dataset} --from URL --follow --no-images"
        )
    return Exit.VERIFICATION_FAILED if taken.faults else Exit.OK


def _tell_failures(output: Output, failures: Iterable[Failure]) -> None:
    for number, failure in enumerate(failures):
        text = f"{failure.digest} {one_line(failure.words)}" if number < _MOST_TOLD else None
        fields = {
            "type": "failure",
            "digest": failure.digest.uri,
            "reason": failure.reason,
            "words": failure.words,
        }
        output.item(fields, text)
