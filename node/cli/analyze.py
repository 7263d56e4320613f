"""`vasculum analyze`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analyzers.output import Failure
    from manifests.members import MemberList
    from node.analysis.run import Analysed
    from node.compose import Node

_MOST_TOLD = 10


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="Which images (spec/filters.md); default: all."
)
@click.option("--dataset", metavar="H", help="Or: the members of this version of a dataset.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts: to share the work by hand.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each processor.")
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://… or tls://…, that does the work."
)
@click.pass_obj
def command(
    output: Output,
    name: str,
    text: str | None,
    dataset: str | None,
    settings: tuple[str, ...],
    shard: str | None,
    workers: int | None,
    cluster: str | None,
) -> Exit:
    """Run the analyzer NAME over images, and sign what it finds.

    Images that it has read before with the same parameters, here or at a node that this one follows, are not
    read again. A run that was cut short is gone on with by the same command; nothing of it is visible until
    all of it is. Exit code 3 means that some images are left without result; the next run tries them again.
    """
    if text is not None and dataset is not None:
        raise click.UsageError("Give --filter or --dataset, not both.")
    from node.analysis.plan import make_plan
    from node.analysis.run import Told, analyse
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    plan = make_plan(node, name, _parameters(settings))
    members = _members(node, text, dataset, shard)
    failures: list[Failure] = []
    with output.progress(f"{name}: reading images", None) as bar, _cluster(cluster) as executor:
        told = Told(bar.resize, bar.advance, lambda failure: _tell(output, failure, failures))
        done = analyse(node, plan, members, told, executor, workers or 0)
    return _sum_up(output, node, name, done)


def _parameters(settings: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set {setting!r}: write NAME=VALUE, such as --set size=512.")
        try:
            found[name] = json.loads(value) if value[:1] not in "\"'" and "." not in value else value
        except json.JSONDecodeError:
            found[name] = value
    return found


def _members(node: Node, text: str | None, dataset: str | None, shard: str | None) -> MemberList:
    from node.analysis.choose import images_of_dataset, images_of_filter, shard_of
    from node.cli.search import filter_of
    from node.slices.create import composed

    with node.index() as index:
        if dataset is not None:
            members = images_of_dataset(node, index, dataset)
        else:
            members = images_of_filter(node, index, composed(filter_of(text) if text else None, {}))
    return shard_of(members, shard) if shard else members


def _cluster(address: str | None) -> AbstractContextManager[Executor | None]:
    if address is None:
        return nullcontext()
    from analyzers.engine.cluster import cluster_executor

    return cluster_executor(address)


def _tell(output: Output, failure: Failure, told: list[Failure]) -> None:
    told.append(failure)
    fields = {
        "type": "failure",
        **failure.input.document(),
        "reason": failure.failing.value,
        "words": failure.words,
    }
    words = f"{failure.input.digest}: {failure.failing.value}: {failure.words}"
    output.item(fields, words if len(told) <= _MOST_TOLD else None)


def _sum_up(output: Output, node: Node, name: str, done: Analysed) -> Exit:
    tally = done.tally
    fields = {
        "images": done.members,
        "before": done.before,
        "analyzed": tally.analyzed,
        "unreadable": tally.unreadable,
        "failed": len(done.failures),
        "findings": tally.findings,
        "statement": done.statement.uri if done.statement else None,
    }
    words = [f"{done.members:,} images: {tally.analyzed:,} read now, {done.before:,} before."]
    if tally.unreadable:
        words.append(f"{tally.unreadable:,} could not be decoded, which is noted.")
    if done.failures:
        words.append(f"{len(done.failures):,} are left without result; run it again to try those.")
    if done.statement:
        words.append(f"{tally.findings:,} findings, signed: {done.statement.uri}")
    output.item({"type": "summary", "analyzer": name, **fields}, "\n".join(words))
    if done.statement:
        ask_witnesses(output, node)
    return Exit.PARTIAL if done.failures else Exit.OK
