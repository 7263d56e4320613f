"""`vasculum search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.filtering import filter_of
from node.cli.main import Command
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from manifests.filter import Filter

_BAR = 24


class _Search(Command):
    """Lists the fields behind its options; they are imported only for that."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what can be asked for."""
        from manifests.filter.fields import FIELDS, FINDING_FIELDS
        from node.search.facet import FACET_NAMES

        with formatter.section("Fields of FILTER"):
            formatter.write_text(", ".join(FIELDS))
        with formatter.section("Fields of what was found in images"):
            formatter.write_text(", ".join(FINDING_FIELDS))
        with formatter.section("Facets"):
            formatter.write_text(", ".join(FACET_NAMES))


@click.command(cls=_Search)
@click.argument("text", metavar="[FILTER|@FILE]", default="")
@click.option("--facet", "facets", multiple=True, metavar="NAME",
              help="Count by family, country, decade, license ...; may be repeated.")  # fmt: skip
@click.option("--values", default=10, show_default=True, metavar="N", help="How many values of each facet.")
@click.option("--limit", default=20, show_default=True, metavar="N", help="How many records; 0 for none.")
@click.option("--after", metavar="ROW", help="Go on behind this record, as the page before says.")
@click.option("--sort", default="name", show_default=True, metavar="ORDER",
              help="name, date, country, collection or type; -date for the newest first.")  # fmt: skip
@click.option("--with-images", "images", is_flag=True, help="Only records of which an image was captured.")
@click.pass_obj
def command(output: Output, /, text: str, **wishes: Any) -> None:
    """Find records of this node and of all that it follows.

    FILTER is written like taxon:Fagaceae AND country:BE AND year<1900 AND NOT license:unknown, in quotes
    for the shell; without one, all records are found. Words alone are looked for everywhere in a record.
    A name of more than a word takes quotes of its own: 'taxon:"Quercus robur"'. genus:Quer* is any that
    begins so, type:* any that has one, and (...) groups conditions with AND, OR and NOT.

    What analyzers and people found in images is asked like has:stamp, ocr:Crepin, sharpness<0.2 or
    has:label AND confidence>=0.8 AND by:sheet-segments; finding(...) asks all of it of one finding.

    An image whose record its source lacks belongs to no record: slices and datasets take it, if the filter
    holds for what is said of the image alone; `status` counts such media, and `ls images` lists all images.
    """
    from node.search.database import SearchDatabase
    from node.search.run import Asked, search

    given = filter_of(text)
    asked = Asked(asked_by(output, given), **wishes)
    database = SearchDatabase(brought_up(output))
    try:
        found = search(database, asked)
    finally:
        database.close()
    for hit in found.hits:
        output.item({"type": "record", **hit.document()}, _line(hit))
    for facet in found.facets:
        tell_facet(output, facet)
    if output.json:
        output.item({"type": "summary", "records": found.total, "listed": len(found.hits),
                     "next": found.next})  # fmt: skip
        return
    output.say(_counted(found.total, everything=not given.strip() and not asked.images))
    if found.next is not None:
        output.say(f"More: --after '{found.next}'")


def _counted(total: int, *, everything: bool) -> str:
    if total:
        return f"{total:,} record fits." if total == 1 else f"{total:,} records fit."
    if everything:
        return "There are no records yet. Bring some: vasculum track SOURCE"
    return "No record fits. What there is: vasculum stats"


def asked_by(output: Output, text: str) -> Filter | None:
    """The filter that a text asks; taxa are asked by their names in checklists."""
    from manifests.filter import read_filter
    from node.checklists.use import by_checklist, resolved

    if not text.strip():
        return None
    node = open_node(find_node(output.node))
    return resolved(node, by_checklist(node, read_filter(text)))


def brought_up(output: Output) -> Path:
    """What is searched, brought up to the logs."""
    from node.search.generation import bring_up

    node = open_node(find_node(output.node))
    with output.progress("Making the search database", None) as bar:

        def tell(what: str, steps: int) -> None:
            bar.resize(steps)
            bar.advance()

        return bring_up(node, tell)


def _line(hit: Any) -> str:
    values = hit.values
    place = ", ".join(values[name] for name in ("country", "stateProvince") if name in values)
    number = " ".join(values[name] for name in ("institutionCode", "catalogNumber") if name in values)
    name = values.get("scientificName", values.get("interpretedName", "-"))
    when = values.get("interpretedEventDate", values.get("eventDate", values.get("year", "-")))
    pictures = f"{len(hit.images)} image{'s' if len(hit.images) != 1 else ''}"
    cells = (name, number or "-", place or "-", when, pictures)
    return f"{'  '.join(map(one_line, cells))}\n    {hit.row}"


def tell_facet(output: Output, facet: Any) -> None:
    """Show the values of a facet, with bars for people."""
    if output.json:
        output.item({"type": "facet", **facet.document()})
        return
    lines = [f"{facet.name} ({facet.distinct:,} value{'' if facet.distinct == 1 else 's'})"]
    most = max((records for _, records in facet.values), default=1)
    for value, records in facet.values:
        lines.append(f"{records:>12,}  {'#' * max(1, records * _BAR // most):<{_BAR}}  {one_line(value)}")
    if facet.missing:
        lines.append(f"{facet.missing:>12,}  {'':<{_BAR}}  (none)")
    output.item({}, "\n".join(lines))
