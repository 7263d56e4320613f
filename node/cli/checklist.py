"""`vasculum checklist`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from hashstore.digest import Digest
from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.tracking import Teller
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("source", required=False)
@click.pass_obj
def command(output: Output, source: str | None) -> Exit:
    """Make a checklist of a tracked archive of taxa, so that filters find synonyms and all that lies below.

    SOURCE is what was tracked, as `track` was told or as `ls sources` names it; without it, the sources of
    taxa are listed. The checklist is kept and signed for as `add` does, and goes to whoever follows this
    node. Ask by it with taxon:below(Quercus, hash://sha256/...), or let node.toml name it under [search]:
    then taxon:Quercus asks by it, here.
    """
    from node.checklists.make import make_checklist, taxa_sources
    from node.track.add import add

    node = open_node(find_node(output.node))
    if source is None:
        with node.index() as index:
            listed = list(taxa_sources(index))
        for name, names in listed:
            output.item({"type": "source", "source": name, "names": names}, f"{names:>12,}  {name}")
        if output.json:
            output.item({"type": "summary", "listed": len(listed)})
        return Exit.OK
    with node.index() as index, output.progress("Reading names", None) as bar:
        made = make_checklist(index, _source(source, node.config.identity.origin), bar.advance)
    with tempfile.TemporaryDirectory(prefix="checklist-", dir=node.layout.root) as folder:
        path = Path(folder) / "checklist.tsv"
        path.write_bytes(made.data)
        add(node, path, Teller(output))
    digest = Digest.of(made.data)
    told = {"names": made.names, "synonyms": made.synonyms, "leftOut": made.left_out,
            "repeated": made.repeated, "dangling": made.dangling}  # fmt: skip
    output.item({"type": "summary", "checklist": digest.uri, **told}, digest.uri)
    output.say(
        f"{made.names:,} names, {made.synonyms:,} of them synonyms. Left out: {made.left_out:,} rows without "
        f"id or name, {made.repeated:,} with an id that was there before. {made.dangling:,} ids of parents "
        "or accepted names are not in the list."
    )
    ask_witnesses(output, node)
    return Exit.OK


def _source(typed: str, origin: str) -> str:
    """The name of a source in its rows."""
    from node.errors import SourceRefused
    from node.track.place import place_of

    try:
        return place_of(typed, origin).source
    except SourceRefused:
        return typed
