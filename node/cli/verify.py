"""`vasculum verify`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import click

from hashstore.errors import StoreUnusable
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.compose import Node, open_node
from node.layout import find_node


@click.command(cls=Command)
@click.option(
    "--deep",
    is_flag=True,
    help="Also check statements, signatures, segments, log, checkpoint, keys, archive and index.",
)
@click.pass_obj
def command(output: Output, deep: bool) -> Exit:
    """Hash every blob again, and name each one that is bad, missing or does not belong.

    Nothing is changed. Blobs in the archive tier are only listed, unless --deep reads them too. Exit
    code 4 means that something is wrong.
    """
    from node.verify import verify_node

    node = open_node(find_node(output.node))
    held = _held(node, deep)
    faults = 0
    with output.progress("Verifying", held.hashed, size=True) as bar:
        for fault in verify_node(node, deep=deep, progress=bar.advance, phase=output.say):
            faults += 1
            output.item(fault.fields(), f"{fault.kind.upper()} {fault.path}\n    {fault.message}")
    summary = {"type": "summary", "blobs": held.blobs, "bytes": held.bytes, "deep": deep, "faults": faults}
    archived = ""
    if node.config.storage.archive:
        summary["archived"] = held.archived
        archived = f"{held.archived:,} of them archived{'' if deep else ' and only listed'}, "
    words = "nothing wrong" if not faults else f"{faults:,} fault{'' if faults == 1 else 's'}, named above"
    output.item(
        summary, f"{held.blobs:,} blobs, {held.bytes:,} bytes, {archived}{'deep, ' if deep else ''}{words}."
    )
    return Exit.VERIFICATION_FAILED if faults else Exit.OK


@dataclass(slots=True)
class _Held:
    """What there is to verify: blobs and bytes in all, blobs in the archive, and bytes to be hashed."""

    blobs: int = 0
    bytes: int = 0
    archived: int = 0
    hashed: int = 0


def _held(node: Node, deep: bool) -> _Held:
    held = _Held()
    active = node.active
    for digest in active.digests():
        held.blobs += 1
        held.bytes += active.size(digest)
    held.hashed = held.bytes
    with suppress(StoreUnusable):  # an archive that cannot be asked is named among the faults
        for place in node.archive.places() if node.archive is not None else ():
            if place.digest is not None:
                alone = not active.contains(place.digest)
                held.archived += 1
                held.blobs += alone
                held.bytes += place.size if alone else 0
                held.hashed += place.size if deep else 0
    return held
