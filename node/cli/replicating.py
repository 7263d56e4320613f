"""What the commands of replication share: where bytes come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.output import Output

if TYPE_CHECKING:
    from node.compose import Node
    from node.slices.bringing import Fetch


def sources(function: Any) -> Any:
    """Options that say where bytes come from."""
    for option in (
        click.option("--from", "urls", metavar="URL", multiple=True, help="Ask this node first; repeatable."),
        click.option(
            "--from-disk",
            "disks",
            metavar="DIR",
            multiple=True,
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Look into this node's folder, or folder of blobs, before any peer is asked; repeatable.",
        ),
    ):
        function = option(function)
    return function


@contextmanager
def fetching(node: Node, output: Output, urls: Sequence[str], disks: Sequence[Path]) -> Iterator[Fetch]:
    """Bytes from disks that were named, then peers, then where they were first published."""
    from hashstore.blobstore import DirectoryBlobStore
    from node.cli.bringing import sources_of
    from node.slices.bringing import first_of, from_peers, from_store

    folders = [disk / "blobs" if (disk / "blobs").is_dir() else disk for disk in disks]
    stores = [from_store(node.store, DirectoryBlobStore(folder)) for folder in folders]
    peers = sources_of(node, output, urls)
    try:
        yield first_of(*stores, from_peers(node, peers))
    finally:
        peers.close()


def bring_bitmaps(node: Node, output: Output, urls: Sequence[str] = (), disks: Sequence[Path] = ()) -> None:
    """Bring the bitmaps of claims that are not here; without its bitmap a claim counts for nothing."""
    from node.slices.claims import lacking_bitmaps

    with node.index() as index:
        lacking = lacking_bitmaps(node, index)
    if lacking:
        with fetching(node, output, urls, disks) as fetch:
            missing = [digest for digest, outcome in fetch(lacking) if outcome not in ("fetched", "here")]
        if missing:
            output.say(
                f"{len(missing):,} claims do not count: the bitmaps of what they lack could not be had."
            )
