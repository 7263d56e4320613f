"""`vasculum mirror`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.replicating import bring_bitmaps, fetching, sources
from node.cli.size import ByteSize
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

_MODES = ("mirror", "cache", "index-only")


@click.group(cls=Group, help="Keep slices here: whole, as much as fits, or only the list.")
def command() -> None:
    """Which slices this node wants, and bringing them."""


@command.command("add", cls=Command)
@click.option("--slice", "identifier", metavar="H", required=True, help="The slice, by digest or name.")
@click.option("--mode", type=click.Choice(_MODES), default="mirror", show_default=True)
@click.option("--quota", type=ByteSize(), metavar="SIZE", help="What it may take, such as 2TB.")
@click.pass_obj
def add(output: Output, identifier: str, mode: str, quota: int | None) -> None:
    """Want a slice here; `mirror run` brings it.

    `mirror` keeps every member and refuses a slice that is larger than its quota. `cache` keeps as many
    as fit, gives up those that were not used for longest, and never the last copy that it knows of.
    `index-only` keeps only the list.
    """
    from node.slices.known import find_slice
    from node.slices.replicate import add_mirror
    from node.slices.store import Mode

    node = open_node(find_node(output.node))
    with node.index() as index:
        known = find_slice(node, index, identifier)
        mirror = add_mirror(node, index, known, Mode(mode), quota)
    fields = {
        "type": "mirror",
        "slice": known.digest.uri,
        "name": known.slice.name,
        "mode": mode,
        "quota": quota,
        "members": known.slice.count,
        "added": mirror.added,
    }
    name = one_line(known.slice.name)
    output.item(fields, f"{name}: {known.slice.count:,} images, {mode}. Bring them: vasculum mirror run")


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the slices that are wanted here."""
    from node.slices.known import slice_at
    from node.slices.store import SliceStore

    node = open_node(find_node(output.node))
    mirrors = SliceStore(node.layout.slices).mirrors()
    with node.index() as index:
        for mirror in mirrors:
            known = slice_at(node, index, mirror.slice)
            fields = {
                "type": "mirror",
                "slice": mirror.slice.uri,
                "name": known.slice.name,
                "mode": mirror.mode,
                "quota": mirror.quota,
                "members": known.slice.count,
                "added": mirror.added,
            }
            quota = "-" if mirror.quota is None else f"{mirror.quota:,}"
            cells = (
                mirror.slice.hex[:12],
                mirror.mode,
                quota,
                f"{known.slice.count:,}",
                one_line(known.slice.name),
            )
            output.item(fields, "  ".join(cells))
    if output.json:
        output.item({"type": "summary", "listed": len(mirrors)})
    elif not mirrors:
        output.say("No mirrors. Want a slice here: vasculum mirror add --slice H")


@command.command("run", cls=Command)
@sources
@click.pass_obj
def run(output: Output, urls: tuple[str, ...], disks: tuple[Path, ...]) -> Exit:
    """Bring what the mirrors want and is not here, and claim in the log what is held.

    Run it again after an interruption: what is here already is not fetched. Exit code 3 means that a
    mirror is not complete.
    """
    from node.slices.known import slice_at
    from node.slices.replicate import run_mirror
    from node.slices.store import SliceStore

    node, complete = open_node(find_node(output.node)), True
    mirrors = SliceStore(node.layout.slices).mirrors()
    if any(mirror.mode == "cache" for mirror in mirrors):
        bring_bitmaps(node, output, urls, disks)
    for mirror in mirrors:
        with node.index() as index:
            known = slice_at(node, index, mirror.slice)
        with fetching(node, output, urls, disks) as fetch, output.progress(known.slice.name, None):
            done = run_mirror(node, known, mirror, fetch)
        complete = complete and done.complete
        fields = {
            "type": "mirror",
            "slice": known.digest.uri,
            "name": known.slice.name,
            "mode": mirror.mode,
            "members": done.members,
            "held": done.held,
            "hidden": done.hidden,
            "fetched": done.fetched,
            "evicted": done.evicted,
            "unavailable": len(done.unavailable),
            "overQuota": done.over,
            "claim": done.claim.uri if done.claim else None,
        }
        words = (
            f"{one_line(known.slice.name)}: {done.held:,} of {done.members:,} held, {done.fetched:,} fetched"
        )
        words += f", {done.hidden:,} withdrawn or withheld" if done.hidden else ""
        words += f", {done.evicted:,} given up" if done.evicted else ""
        words += f", {len(done.unavailable):,} that nobody has" if done.unavailable else ""
        words += f", {done.over:,} bytes over quota: no other copy is known" if done.over else ""
        output.item(fields, words + ".")
    if output.json:
        output.item({"type": "summary", "mirrors": len(mirrors), "complete": complete})
    return Exit.OK if complete else Exit.PARTIAL
