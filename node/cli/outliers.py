"""`vasculum outliers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.analysing import sum_up, telling
from node.cli.analyze import images_asked_for, parameters_of
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output

if TYPE_CHECKING:
    from node.analysis.outliers import Outlier

# As node/analysis/outliers has them; importing it for a help text would cost start-up time.
_RANKS = ("name", "genus", "family", "order", "class", "phylum", "kingdom")


@click.command(cls=Command)
@click.option(
    "--filter", "text", metavar="FILTER|@FILE", help="Which images (spec/filters.md); default: all."
)
@click.option("--dataset", metavar="H", help="Or: the members of this version of a dataset.")
@click.option(
    "--rank", type=click.Choice(_RANKS), default="name", show_default=True, help="Compared within what."
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--embedding", default="embedding", show_default=True, help="Whose vectors are compared.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="Tell so many at most.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each processor.")
@click.pass_obj
def command(
    output: Output,
    text: str | None,
    dataset: str | None,
    rank: str,
    settings: tuple[str, ...],
    embedding: str,
    limit: int,
    workers: int | None,
) -> Exit:
    """Find images that look unlike the others of their taxon: likely misidentified, poor, or rare.

    Images are compared by the vectors that `vasculum analyze embedding` made, within what their records name.
    What is compared is kept as a blob and signed with the findings, so that others can run it again. It is a
    hint for whoever looks at the specimen, never a determination.
    """
    from node.analysis.outliers import comparison, outliers_of
    from node.analysis.plan import make_plan
    from node.analysis.run import analyse
    from node.compose import open_node
    from node.layout import find_node

    if text is not None and dataset is not None:
        raise click.UsageError("Give --filter or --dataset, not both.")
    node = open_node(find_node(output.node))
    wanted = images_asked_for(node, text, dataset)
    embedder = make_plan(node, embedding, {})
    with comparison(node, embedder, wanted, rank, parameters_of(settings)) as (plan, members):
        with telling(output, "outliers") as told:
            done = analyse(node, plan, members, told, None, workers or 0)
        with node.index() as index:
            found = outliers_of(index, plan)
    for one in found[:limit]:
        _tell(output, one)
    if len(found) > limit:
        output.say(f"{len(found) - limit:,} more; tell them by --limit.")
    return sum_up(output, node, "outliers", done)


def _tell(output: Output, one: Outlier) -> None:
    nearer = f", rather {one.nearer}" if one.nearer else ""
    words = f"{one.digest.hex[:12]}  {one.kind}  {one.score} ± {one.uncertainty}  {one.taxon}{nearer}"
    fields = {"type": "outlier", "digest": one.digest.uri, "kind": one.kind, "taxon": one.taxon}
    told = {"nearer": one.nearer} if one.nearer else {}
    output.item({**fields, **told, "score": one.score, "uncertainty": one.uncertainty}, words)
