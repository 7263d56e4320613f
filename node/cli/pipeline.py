"""`vasculum pipeline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.analysing import telling
from node.cli.analyze import cluster_at, images_asked_for, parameters_of
from node.cli.bundles import COMMANDS
from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Group
from node.cli.output import Output

if TYPE_CHECKING:
    from analyzers.pipeline.document import Pipeline
    from analyzers.pipeline.graph import CheckedStep
    from node.analysis.pipeline.run import PipelineDone
    from node.compose import Node

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group, help="Analyses of several steps, written as files: checked, run, signed as a whole.")
def command() -> None:
    """A pipeline is a file (spec/pipelines.md); other modules add their commands at this one's end."""


@command.command("check")
@click.argument("file", metavar="FILE", type=_FILE)
@click.pass_obj
def check(output: Output, file: Path) -> None:
    """Check a pipeline without running it, and show its steps in the order of their running.

    All that is wrong is told, each with its line.
    """
    from node.analysis.pipeline.ready import check_here

    pipeline = _read(file)
    checked = check_here(_node_if_any(output), pipeline)
    for one in checked.steps:
        output.item(_fields(one), _line(one))
    for note in checked.notes:
        output.say(note.told(pipeline.file))
    fields = {"name": pipeline.name, "steps": len(checked.steps), "plan": pipeline.digest.uri}
    words = f"{pipeline.name}: {len(checked.steps)} steps, nothing wrong. {pipeline.digest.uri}"
    notes = [note.told(pipeline.file) for note in checked.notes]
    output.item({"type": "summary", **fields, "notes": notes}, words)


def _read(file: Path) -> Pipeline:
    from analyzers.pipeline.document import read_pipeline
    from analyzers.pipeline.source import LARGEST

    with file.open("rb") as stream:
        return read_pipeline(stream.read(LARGEST + 1), file.name)


def _node_if_any(output: Output) -> Node | None:
    from node.compose import open_node
    from node.errors import NodeNotFound
    from node.layout import find_node

    try:
        return open_node(find_node(output.node))
    except NodeNotFound:
        return None


def _fields(one: CheckedStep) -> dict[str, Any]:
    taken = one.step.taken
    return {
        "type": "step",
        "step": one.step.name,
        "analyzer": f"{one.step.analyzer}@{one.step.version}",
        "parameters": dict(one.parameters),
        "reads": "images" if taken is None else "pictures" if taken.pictures else "regions",
        "from": taken.step if taken else None,
        "kinds": list(one.description.kinds),
    }


def _line(one: CheckedStep) -> str:
    taken = one.step.taken
    words = "images"
    if taken is not None:
        words = f"{'pictures' if taken.pictures else 'regions'} of {taken.step}"
        words += f" ({', '.join(taken.kinds)})" if taken.kinds else ""
    return f"{one.step.name}: {one.step.analyzer}@{one.step.version} reads {words}"


@command.command("run")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="Which images (spec/filters.md); default: all."
)
@click.option("--dataset", metavar="H", help="Or: the members of this version of a dataset.")
@click.option(
    "--set", "settings", multiple=True, metavar="STEP.NAME=VALUE", help="A parameter of a step; repeatable."
)
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each processor.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Who does the work: a Dask scheduler, tcp://… or tls://…; or slurm:MIN-MAX jobs.",
)
@click.pass_obj
def run(
    output: Output,
    file: Path,
    text: str | None,
    dataset: str | None,
    settings: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
) -> Exit:
    """Run the pipeline in FILE over images, and sign all that comes of it at once.

    What a step has read before with the same parameters is not read again, whichever file said so. A run that
    was cut short is gone on with by the same command; nothing of it is visible until all of it is. Exit
    code 3 means that something is left without result; the next run tries it again.
    """
    from node.analysis.pipeline.ready import make_ready
    from node.analysis.pipeline.run import run_pipeline
    from node.compose import open_node
    from node.layout import find_node

    given = _settings_of(settings)
    node = open_node(find_node(output.node))
    ready = make_ready(node, _read(file), given)
    members = images_asked_for(node, text, dataset)
    with cluster_at(cluster) as executor:
        done = run_pipeline(node, ready, members, lambda step: telling(output, step), executor, workers or 0)
    return _sum_up(output, node, ready.pipeline, done)


def _settings_of(settings: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in parameters_of(settings).items():
        step, point, parameter = name.partition(".")
        if not (step and point and parameter):
            raise click.UsageError(f"--set {name}: write STEP.NAME=VALUE, such as --set words.longest=1280.")
        found.setdefault(step, {})[parameter] = value
    return found


def _sum_up(output: Output, node: Node, pipeline: Pipeline, done: PipelineDone) -> Exit:
    for step in done.steps:
        failed = len(step.failures)
        fields = {"inputs": step.inputs, "before": step.before, "failed": failed}
        now = step.inputs - step.before - failed
        words = f"{step.name}: {step.inputs:,} to read: {now:,} read now, {step.before:,} before."
        words += f" {failed:,} are left without result." if failed else ""
        output.item({"type": "step", "step": step.name, "analyzer": step.analyzer, **fields}, words)
    failures = sum(len(step.failures) for step in done.steps)
    findings = done.signed.tally.findings if done.signed else 0
    uri = done.signed.statement.uri if done.signed else None
    words = f"{pipeline.name}: {done.members:,} images. "
    words += f"{findings:,} new findings, signed: {uri}" if uri else "Nothing is new, so nothing is signed."
    counts = {"images": done.members, "failed": failures, "findings": findings, "statement": uri}
    plan = {"pipeline": pipeline.name, "plan": pipeline.digest.uri}
    output.item({"type": "summary", **plan, **counts}, words)
    if uri:
        ask_witnesses(output, node)
    return Exit.PARTIAL if failures else Exit.OK


for bundles in COMMANDS:
    command.add_command(bundles)
