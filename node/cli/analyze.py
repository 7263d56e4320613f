"""`vasculum analyze`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from hashstore.canonical import parse_json
from hashstore.errors import MalformedJson
from node.cli.analysing import analyse_all, sum_up, telling
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from manifests.members import MemberList
    from node.compose import Node


@click.command(cls=Command)
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="Which images (spec/filters.md); default: all."
)
@click.option("--dataset", metavar="H", help="Or: the members of this version of a dataset.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts: to share the work by hand.")
@click.option("--backfill", is_flag=True, help="What NAME, or all as they are now, have not seen yet.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each processor.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Who does the work: a Dask scheduler, tcp://… or tls://…; or slurm:MIN-MAX jobs.",
)
@click.pass_obj
def command(
    output: Output,
    name: str | None,
    text: str | None,
    dataset: str | None,
    settings: tuple[str, ...],
    shard: str | None,
    backfill: bool,
    workers: int | None,
    cluster: str | None,
) -> Exit:
    """Run the analyzer NAME over images, and sign what it finds.

    Images that it has read before with the same parameters, here or at a node that this one follows, are not
    read again. A run that was cut short is gone on with by the same command; nothing of it is visible until
    all of it is. Exit code 3 means that some images are left without result; the next run tries them again.

    Without NAME, all images are read by the analyzers that node.toml names under [analysis].

    --backfill also reads, by each analyzer as it is installed now, what this node had read by an earlier
    version or model of it, with the same parameters. A second back-fill does nothing.
    """
    from node.compose import open_node
    from node.layout import find_node

    _one_of(text, dataset)
    node = open_node(find_node(output.node))
    options = (text, dataset, shard, cluster, *settings)
    if backfill:
        return _back_fill(output, node, name, options)
    if name is None:
        return _all(output, node, options)
    from node.analysis.plan import make_plan
    from node.analysis.run import analyse

    plan = make_plan(node, name, parameters_of(settings))
    members = images_asked_for(node, text, dataset, shard)
    with telling(output, name) as told, cluster_at(cluster) as executor:
        done = analyse(node, plan, members, told, executor, workers or 0)
    return sum_up(output, node, name, done)


def _all(output: Output, node: Node, options: Sequence[str | None]) -> Exit:
    if any(option is not None for option in options):
        raise click.UsageError("Options choose for one analyzer: give its name, too.")
    if not node.config.analysis.analyzers:
        raise click.UsageError(
            "Give the name of an analyzer (`vasculum analyzer ls`), "
            "or name some under [analysis] in node.toml."
        )
    return analyse_all(output, node)


def _back_fill(output: Output, node: Node, name: str | None, options: Sequence[str | None]) -> Exit:
    from node.analysis.backfill import back_fill

    if any(option is not None for option in options):
        raise click.UsageError("--backfill takes images and parameters from what was run before.")
    ends = [
        sum_up(output, node, one, done)
        for one, done in back_fill(node, lambda one: telling(output, one), output.say, name)
    ]
    if not ends:
        output.item(
            {"type": "summary", "analyzed": 0}, "Nothing was read before, and node.toml names nothing."
        )
    return max(ends, default=Exit.OK)


def parameters_of(settings: Sequence[str]) -> dict[str, Any]:
    """The parameters that `--set NAME=VALUE` names.

    Raises:
        UsageError: one is written in another way.
    """
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set {setting!r}: write NAME=VALUE, such as --set size=512.")
        try:
            found[name] = parse_json(value.encode())
        except MalformedJson:
            found[name] = value  # a decimal, or a word: neither is JSON without fractions
    return found


def _one_of(text: str | None, dataset: str | None) -> None:
    if text is not None and dataset is not None:
        raise click.UsageError("Give --filter or --dataset, not both.")


def images_asked_for(
    node: Node, text: str | None, dataset: str | None, shard: str | None = None
) -> MemberList:
    """The images that `--filter`, `--dataset` and `--shard` name; all, where none is given.

    Raises:
        UsageError: both a filter and a dataset are given.
    """
    from node.analysis.choose import images_of_dataset, images_of_filter, shard_of
    from node.cli.filtering import filter_of
    from node.slices.create import composed

    _one_of(text, dataset)
    with node.index() as index:
        if dataset is not None:
            members = images_of_dataset(node, index, dataset)
        else:
            members = images_of_filter(node, index, composed(filter_of(text) if text else None, {}))
    return shard_of(members, shard) if shard else members


def cluster_at(address: str | None) -> AbstractContextManager[Executor | None]:
    """Who does the work: what `--cluster` names; None for this machine."""
    if address is None:
        return nullcontext()
    from analyzers.engine.slurm import executor_at

    return executor_at(address)
