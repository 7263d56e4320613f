"""`vasculum cite H`."""

from __future__ import annotations

from pathlib import Path

import click

from hashstore.blobstore import add_bytes
from manifests.access import AccessClass
from node.cli.main import Command
from node.cli.output import Output
from node.cli.visible import visible
from node.compose import Node, open_node
from node.errors import NodeError, Withdrawn, Withheld
from node.index import Index
from node.layout import find_node
from node.look.access import access_of
from node.look.resolve import SNAPSHOT, resolve
from node.look.things import SnapshotThing, Thing
from node.policy import Principal, decide
from node.withdrawal.account import account_of_withdrawal, in_words
from provenance.citation.packed import MAGIC

_FORMATS = ("text", "bibtex", "ris", "csl", "datacite", "bundle")


@click.command(cls=Command)
@click.argument("identifier", metavar="[H]", default=SNAPSHOT)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file instead of standard output.",
)
@click.option(
    "--all-signatures",
    is_flag=True,
    help="Keep the checkpoint's ML-DSA-44 lines in the bundle, each 3 KB; else only those of Ed25519.",
)
@click.option(
    "--unpacked",
    is_flag=True,
    help="Keep the bundle as JSON text, however large; else one of more than 10,000 bytes is packed (gzip).",
)
@click.pass_obj
def command(
    output: Output, identifier: str, form: str, file: Path | None, all_signatures: bool, unpacked: bool
) -> None:
    """Cite H: an image or file, a row, a crawl, or (without H) all that this node has signed so far.

    `--format bundle` makes one small file that holds the proof as well. Anyone can check it with
    `vasculum verify-citation`, without this node and without a network.
    """
    from manifests.citing import FORMATS
    from node.cite import bundle_of, cited_thing

    node = open_node(find_node(output.node))
    with node.index() as index:
        thing = resolve(node, index, identifier)
        _refuse_hidden(node, index, thing)
        cited = cited_thing(node, index, thing)
        _keep_snapshot(node, thing)
        if form == "bundle":
            text = FORMATS["text"](cited)
            data = bundle_of(node, index, thing, text, all_lines=all_signatures, packed=not unpacked)
        else:
            data = (FORMATS[form](cited).rstrip("\n") + "\n").encode()
    _put(output, data, form, cited.identifier, file)


def _refuse_hidden(node: Node, index: Index, thing: Thing) -> None:
    """A citation is made for the public, whoever asks for it."""
    access = access_of(index, thing)
    if access is AccessClass.WITHDRAWN:
        found = account_of_withdrawal(node.config, index, thing)
        told = in_words(found) if found else "withdrawn"
        raise Withdrawn(f"This was {told}. It is not cited anew; citations made before still verify.")
    if not decide(Principal.PUBLIC, access).allowed:
        raise Withheld("This is withheld by your settings, and a citation would publish it. It is not cited.")


def _keep_snapshot(node: Node, thing: Thing) -> None:
    """What a citation of a snapshot names is the text of its checkpoint: keep that under its digest."""
    checkpoint = node.reader.checkpoint() if isinstance(thing, SnapshotThing) else None
    if checkpoint is not None:
        add_bytes(node.store, checkpoint.text.encode())


def _put(output: Output, data: bytes, form: str, identifier: str, file: Path | None) -> None:
    if file is not None:
        try:
            file.write_bytes(data)
        except OSError as error:
            raise NodeError(f"{file} cannot be written: {error.strerror}") from error
        output.item(
            {
                "type": "citation",
                "format": form,
                "of": identifier,
                "file": str(file),
                "bytes": len(data),
            },
            f"{file} ({len(data):,} bytes)",
        )
    elif output.json and form != "bundle":
        output.item(
            {"type": "citation", "format": form, "of": identifier, "citation": data.decode().rstrip("\n")}
        )
    elif data.startswith(MAGIC):
        click.echo(data, nl=False)  # no text: for a file or a pipe
    else:
        click.echo(data.decode() if form == "bundle" else visible(data.decode()), nl=False)
