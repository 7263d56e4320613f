"""`vasculum demo`: the whole story on one machine, with a museum that is drawn for it."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hashstore.digest import Digest
from node.cli.exits import Exit
from node.cli.main import Command, run
from node.cli.output import Output
from node.compose import Node, open_node
from node.errors import NodeError
from node.layout import Layout

if TYPE_CHECKING:
    from node.museum.server import Museum

_MARKER = "made-by-demo"
# At most 80 columns wide: a terminal breaks longer lines within words.
_MUSEUM = """\
We draw 24 specimen sheets and put them on a web server on this machine, with a
Darwin Core Archive that describes them, as real museums do. One image is
missing, one stands under two addresses, and one address answers with an error
page: like real museums, too."""
_TRACKING = """\
Records become rows, images are mirrored by SHA-256, and all of it is signed.
What cannot be had is named, and recorded as a failure: nothing is silently
dropped."""
_CHANGES = """\
One image is photographed anew; records are added, changed and removed. We track
it again: only what changed is fetched, and nothing that we had is lost."""


@click.command(cls=Command)
@click.option(
    "--museum",
    "museum_folder",
    type=click.Path(path_type=Path),
    default=Path("demo-museum"),
    show_default=True,
    help="Where the museum keeps its drawings.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("demo-node"),
    show_default=True,
    help="Where the node is made; a node of an earlier demo there is replaced.",
)
@click.pass_obj
def command(output: Output, museum_folder: Path, into: Path) -> Exit:
    """Show everything once: a drawn museum on this machine, and a node that tracks it.

    Nothing leaves your computer. It takes about a minute.
    """
    from node.museum.server import Museum

    _make_room(into)
    _tell("A museum opens", _MUSEUM)
    with Museum(museum_folder) as museum:
        click.echo(f"  {museum.archive_url}\n")
        return _story(into, museum)


def _story(into: Path, museum: Museum) -> Exit:
    _tell("We make a node", "It gets two keys, one for its statements and one for its log, and an empty log.")
    _run(into, "init", "--name", "Demo Herbarium")
    (into / _MARKER).touch()
    _tell("It tracks the museum", _TRACKING)
    _run(into, "track", museum.archive_url, expected={Exit.OK, Exit.PARTIAL})
    _tell("It checks itself", "Every byte is hashed again, every signature, row and log entry checked.")
    _run(into, "verify", "--deep")
    node = open_node(Layout(into.absolute()))
    image = _changing_image(node, museum)
    _tell("Where did this image come from?", "From the bytes back to the line of the published file.")
    _run(into, "history", image.hex[:12])
    _tell(
        "A citation that anyone can check", "One small file, checked without this node and without a network."
    )
    bundle = into / "citation.json"
    _run(into, "cite", image.hex[:12])
    _run(into, "cite", image.hex[:12], "--format", "bundle", "--output", str(bundle))
    _run(into, "verify-citation", str(bundle), "--trust", str(node.log_key))
    museum.advance()
    _tell("The museum changes", _CHANGES)
    _run(into, "track", museum.archive_url, expected={Exit.OK, Exit.PARTIAL})
    _run(into, "verify")
    _next(into, image)
    return Exit.OK


def _next(into: Path, image: Digest) -> None:
    _tell("What to try next", "")
    for line in (
        f"vasculum --node {into} status",
        f"vasculum --node {into} ls failures",
        f"vasculum --node {into} search 'taxon:Plantae AND year>=1900' --facet country",
        f"vasculum --node {into} dataset create --title Plants --license CC-BY-NC-4.0 --filter taxon:Plantae",
        f"vasculum --node {into} cat {image.hex[:12]} > image.jpg",
        f"vasculum --node {into} history {image.hex[:12]} --graph turtle",
        "vasculum init && vasculum track https://.../dwca.zip  # your own collection",
    ):
        click.echo(f"  {line}")
    click.echo("\nThe program is .venv/bin/vasculum; `. .venv/bin/activate` puts it on your path.")
    click.echo("To see the pages, say this and open the address in a browser:\n")
    click.echo(f"  vasculum --node {into} serve")
    click.echo(f"  {_address()}\n")


def _address() -> str:
    """Where `serve` is found if nothing else is said."""
    from node.cli.serve import command as serve

    given = {option.name: option.default for option in serve.params}
    return f"http://{given['host']}:{given['port']}/"


def _make_room(into: Path) -> None:
    """Only what an earlier demo made is ever deleted."""
    if into.exists() and not (into / _MARKER).exists():
        raise NodeError(f"{into} exists and was not made by a demo. Name another folder with --into.")
    if into.exists():
        shutil.rmtree(into)


def _tell(title: str, text: str) -> None:
    click.echo(click.style(f"\n== {title}", bold=True, fg="green"))
    if text:
        click.echo(text + "\n")


def _run(into: Path, *arguments: str, expected: frozenset[int] | set[Exit] = frozenset({Exit.OK})) -> None:
    click.echo(click.style("$ vasculum " + shlex.join(("--node", str(into), *arguments)), fg="cyan"))
    code = run(["--node", str(into), *arguments])
    if code not in expected:
        raise NodeError(f"`vasculum {' '.join(arguments)}` ended with {code}; the demo stops here.")
    if code == Exit.PARTIAL:
        click.echo("  (exit code 3: partial, because what failed is named above)")
    click.echo()


def _changing_image(node: Node, museum: Museum) -> Digest:
    """The image that the museum will photograph anew: its history has the most to tell."""
    from node.museum.catalogue import changes

    with node.index() as index:
        query = (
            "SELECT digest FROM own_capture WHERE url = ? AND digest IS NOT NULL "
            "ORDER BY log_index DESC, row DESC"
        )
        row = index.one(query, [museum.image_url(changes().rephotographed[0])])
    if row is None:
        raise NodeError(f"The demo's image {museum.image_url(changes().rephotographed[0])} was not mirrored.")
    return Digest(row["digest"])
