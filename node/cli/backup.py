"""`vasculum backup`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("place", type=click.Path(path_type=Path), metavar="FILE-OR-DIR")
@click.option(
    "--since",
    "bases",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="BACKUP",
    help="Leave out blobs that this backup holds; it is then needed to restore. May be given again.",
)
@click.option("--with-archive", is_flag=True, help="Copy what lies in the archive tier, too.")
@click.pass_obj
def command(output: Output, place: Path, bases: tuple[Path, ...], with_archive: bool) -> Exit:
    """Back up this node, also while it works.

    A name that ends in .tar makes one file; any other a folder, to which each further backup adds
    only what is new. Run it again after an interruption: it goes on. It holds the private keys, and
    whatever is withheld: keep it as safe as the node itself.

    Exit code 3 means that damaged blobs were left out; each is named.
    """
    from node.backup import open_backup, take_backup
    from node.backup.place import begin_backup
    from node.storage import sizes_of

    node = open_node(find_node(output.node))
    total = sum(size for _, size in sizes_of(node.store))
    writer = begin_backup(place, node.layout.root)
    try:
        with output.progress("Backing up", total, size=True) as bar:
            taken = take_backup(
                node, writer, [open_backup(base) for base in bases],
                with_archive=with_archive, progress=bar.advance,
            )  # fmt: skip
    finally:
        writer.close()
    for digest, reason in taken.damaged:
        fields = {"type": "damaged", "digest": digest.uri, "message": reason}
        output.item(fields, f"LEFT OUT {digest}\n    {reason}")
    counts = {
        "files": taken.files, "copied": taken.copied, "bytes": taken.bytes, "held": taken.held,
        "inBases": taken.in_bases, "archived": taken.archived, "damaged": len(taken.damaged),
    }  # fmt: skip
    manifest = taken.manifest.uri if taken.manifest else None
    output.item(
        {"type": "summary", "place": str(place), "manifest": manifest, **counts},
        f"{place}: {taken.files:,} files, {taken.copied:,} blobs copied ({taken.bytes:,} bytes), "
        f"{taken.held:,} held already, {taken.in_bases:,} in other backups, {taken.archived:,} stay in the "
        f"archive, {len(taken.damaged):,} damaged and left out.",
    )
    output.say("It holds this node's private keys and whatever is withheld: keep it as safe as the node.")
    return Exit.PARTIAL if taken.damaged else Exit.OK
