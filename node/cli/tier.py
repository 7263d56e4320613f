"""`vasculum tier`."""

from __future__ import annotations

import time
from collections.abc import Iterable

import click

from hashstore.digest import Digest
from node.cli.exits import Exit
from node.cli.main import Command, Group
from node.cli.output import Output
from node.compose import Node, open_node
from node.errors import NotFound
from node.layout import find_node
from node.storage import Tier, TieredBlobStore
from node.writer_lock import writer_lock


@click.group(
    cls=Group, help="The active tier in this node's folder, and the archive for what is rarely read."
)
def command() -> None:
    """`[storage]` in node.toml says where the archive is."""


@command.command("ls", cls=Command)
@click.option("--tier", type=click.Choice([tier.value for tier in Tier]), help="Only what lies there.")
@click.pass_obj
def ls(output: Output, tier: str | None) -> None:
    """List blobs with the tiers in which they lie, by digest."""
    from node.storage.moving import tiers_of

    node = open_node(find_node(output.node))
    store = tiers_of(node)
    archived = {place.digest: place.size for place in store.archive.places() if place.digest is not None}
    counts = {Tier.ACTIVE: 0, Tier.ARCHIVE: 0}
    for digest in sorted({*store.active.digests(), *archived}):
        here = [Tier.ACTIVE] if store.active.contains(digest) else []
        lies = [*here, Tier.ARCHIVE] if digest in archived else here
        for one in lies:
            counts[one] += 1
        if tier is None or Tier(tier) in lies:
            size = store.active.size(digest) if here else archived[digest]
            fields = {"type": "blob", "digest": digest.uri, "size": size, "tiers": lies}
            output.item(fields, f"{digest.uri}  {size:>12,}  {' '.join(lies)}")
    summary = {"type": "summary", "active": counts[Tier.ACTIVE], "archive": counts[Tier.ARCHIVE]}
    output.item(summary | {"where": store.archive.name})
    output.say(f"{counts[Tier.ACTIVE]:,} blobs active, {counts[Tier.ARCHIVE]:,} in {store.archive.name}.")


@command.command("move", cls=Command)
@click.argument("identifiers", nargs=-1, required=True, metavar="H...")
@click.option("--to", "to", type=click.Choice([tier.value for tier in Tier]), required=True)
@click.pass_obj
def move(output: Output, identifiers: tuple[str, ...], to: str) -> Exit:
    """Move blobs into one tier.

    A blob leaves the other tier only after it was read back and found right in this one.
    """
    from node.look.resolve import resolve
    from node.look.things import BlobThing, SegmentThing, StatementThing
    from node.storage.moving import check_movable, tiers_of

    node = open_node(find_node(output.node))
    store = tiers_of(node)
    digests: list[Digest] = []
    with node.index() as index:
        for text in identifiers:
            thing = resolve(node, index, text)
            if not isinstance(thing, (BlobThing, SegmentThing, StatementThing)):
                raise NotFound(f"{text} names no blob, and only blobs can be moved.")
            digests.append(thing.digest)
        if to == Tier.ARCHIVE:
            check_movable(node, index, digests)
    return _move(output, node, store, digests, Tier(to))


@command.command("apply", cls=Command)
@click.option("--dry-run", is_flag=True, help="Only say what would move.")
@click.pass_obj
def apply(output: Output, dry_run: bool) -> Exit:
    """Move to the archive what has lain in the active tier for longer than archive_after_days."""
    from node.storage.moving import age_in_days, due, movable, tiers_of

    node = open_node(find_node(output.node))
    store = tiers_of(node)
    with node.index() as index:
        candidates = movable(node, index)
    digests = due(node, candidates, time.time())
    if not dry_run:
        return _move(output, node, store, digests, Tier.ARCHIVE)
    for digest in digests:
        size, days = node.active.size(digest), age_in_days(node, digest)
        fields = {"type": "blob", "digest": digest.uri, "size": size, "days": days}
        output.item(fields, f"{digest.uri}  {size:>12,}  {days:,} days")
    output.item({"type": "summary", "due": len(digests), "dryRun": True}, f"{len(digests):,} blobs are due.")
    return Exit.OK


def _move(output: Output, node: Node, store: TieredBlobStore, digests: Iterable[Digest], to: Tier) -> Exit:
    from node.storage.moving import move_all

    wanted = sorted(set(digests))
    moved = total = failed = 0
    waiting = "Another vasculum process is writing to this node; waiting for it"
    with (
        writer_lock(node.layout.writer_lock, on_wait=lambda: output.say(waiting)),
        output.progress(f"Moving to {to}", len(wanted)) as bar,
    ):
        for one in move_all(store, wanted, to):
            bar.advance()
            fields = {"type": "blob", "digest": one.digest.uri, "moved": one.moved, "problem": one.problem}
            output.item(fields, f"{one.digest.uri}  {one.problem}" if one.problem else None)
            failed += one.problem is not None
            moved += one.moved
            total += one.size if one.moved else 0
    summary = {"type": "summary", "to": to, "moved": moved, "bytes": total, "failed": failed}
    words = f"; {failed:,} stayed, named above" if failed else ""
    output.item(summary, f"{moved:,} blobs, {total:,} bytes moved to {to}{words}.")
    return Exit.PARTIAL if failed else Exit.OK
