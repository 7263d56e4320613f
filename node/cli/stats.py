"""`vasculum stats`."""

from __future__ import annotations

from typing import Any

import click

from node.cli.filtering import filter_of
from node.cli.main import Command
from node.cli.output import Output
from node.cli.search import asked_by, brought_up, tell_facet
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("text", metavar="[FILTER|@FILE]", default="")
@click.option("--over-time", is_flag=True, help="How it grew: a line for each crawl.")
@click.option("--by", default="class", show_default=True, metavar="FACET", help="What the curves are of.")
@click.option("--of", type=click.Choice(["records", "images"]), default="records", show_default=True,
              help="What the curves count.")  # fmt: skip
@click.option("--values", type=click.IntRange(1, 1000), default=8, show_default=True, metavar="N",
              help="How many values of each facet, or curves.")  # fmt: skip
@click.pass_obj
def command(output: Output, text: str, over_time: bool, by: str, of: str, values: int) -> None:
    """Tell what the records of this node and of all that it follows are about.

    With --over-time, each line is what there was after a crawl, and names the snapshot that shows it: a
    log, its size, and with --json its root and the crawl's statement. A FILTER goes with the plain form.
    """
    if not over_time:
        _plain(output, text, values)
    elif text:
        raise click.UsageError("Curves have no filter: leave out FILTER or --over-time.")
    else:
        _curves(output, by, of, values)


def _plain(output: Output, text: str, values: int) -> None:
    from node.search.database import SearchDatabase
    from node.search.run import Asked, search

    given, database = filter_of(text), SearchDatabase(brought_up(output))
    tree = asked_by(output, given)
    facets = (
        "kingdom",
        "class",
        "family",
        "country",
        "decade",
        "institution",
        "typeStatus",
        "license",
        "flag",
    )
    try:
        found = search(database, Asked(tree, limit=0, facets=facets, values=values))
        pictured = search(database, Asked(tree, limit=0, images=True)).total
    finally:
        database.close()
    words = f"{found.total:,} records, {pictured:,} of them with images"
    output.item({"type": "records", "records": found.total, "withImages": pictured}, words)
    for facet in found.facets:
        tell_facet(output, facet)
    if output.json:
        output.item({"type": "summary", "records": found.total, "withImages": pictured})


def _curves(output: Output, by: str, of: str, values: int) -> None:
    from node.search.growth import growth

    node = open_node(find_node(output.node))
    with node.index() as index:
        points = growth(node, index, by, of, values)
    for point in points:
        output.item(_fields(point, by), _line(point))
    if output.json:
        output.item({"type": "summary", "points": len(points), "by": by, "of": of})
    elif not points:
        output.say("No crawl has brought any yet.")


def _fields(point: Any, by: str) -> dict[str, Any]:
    return {
        "type": "point",
        "at": point.at,
        "log": point.origin,
        "logSize": point.log_size,
        "rootHash": point.root.uri,
        "crawl": point.crawl.uri,
        "by": by,
        "counts": dict(point.counts),
    }


def _line(point: Any) -> str:
    counts = ", ".join(f"{one_line(value)} {number:,}" for value, number in point.counts.items())
    total = sum(point.counts.values())
    return f"{(point.at or '-')[:19]}  {one_line(point.origin)} @ {point.log_size}  {total:>10,}  {counts}"
