"""`vasculum restore`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.layout import new_node_place


@click.command(cls=Command)
@click.argument("place", type=click.Path(path_type=Path, exists=True), metavar="FILE-OR-DIR")
@click.option(
    "--base",
    "bases",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="BACKUP",
    help="A backup on which this one builds, or another copy to mend damage from. May be given again.",
)
@click.pass_obj
def command(output: Output, place: Path, bases: tuple[Path, ...]) -> Exit:
    """Restore a node from a backup, into the folder that --node names.

    Every byte is checked on its way. If anything is damaged or missing, it is named, and no node
    comes of it (exit code 4). Run it again after an interruption: it goes on.

    The node keeps its identity, and signs nothing before `vasculum log restore-lock`: a log that
    went on after the backup must not be signed a second time.
    """
    from node.backup import open_backup, restore_node
    from node.backup.place import newest_manifest

    layout = new_node_place(output.node)
    places = [open_backup(one) for one in (place, *bases)]
    total = newest_manifest(places[0])[1].blobs.bytes
    with output.progress("Restoring", total, size=True) as bar:
        restored = restore_node(places, layout, bar.advance)
    for fault in restored.faults:
        output.item({"type": "fault", "message": fault}, fault)
    manifest = restored.manifest
    counts = {
        "files": len(manifest.files), "copied": restored.copied, "bytes": restored.bytes,
        "here": restored.here, "archived": restored.archived, "faults": len(restored.faults),
    }  # fmt: skip
    fields = {"type": "summary", "node": str(layout.root), "origin": manifest.origin, "made": manifest.made}
    if restored.faults:
        words = f"{len(restored.faults):,} faults, named above: no node was made at {layout.root}."
        output.item({**fields, **counts}, words)
        output.say("Restore again with --base and another copy of the backup; what is right stays.")
        return Exit.VERIFICATION_FAILED
    output.item(
        {**fields, **counts},
        f"{manifest.name} as of {manifest.made}, at {layout.root}: {len(manifest.files):,} files, "
        f"{manifest.blobs.count:,} blobs, log of {manifest.log_size:,} entries.",
    )
    output.say(
        "A witness key is in no backup: whoever trusts this node as a witness has to be told its new one.\n"
        "It signs nothing yet. Ask peers and witnesses for the newest checkpoint of this log, then: "
        "vasculum log restore-lock --checkpoint FILE|URL"
    )
    return Exit.OK
