"""`vasculum track SOURCE`."""

from __future__ import annotations

import click

from node.cli.analysing import analyse_after_track
from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.tracking import Teller, tell_summary
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("source")
@click.option("--no-images", is_flag=True, help="Records only; no image is fetched.")
@click.option(
    "--max-per-host",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Connections to one host at a time, instead of node.toml's number.",
)
@click.option(
    "--allow-private",
    is_flag=True,
    help="Also fetch images from addresses in private networks that the source names.",
)
@click.pass_obj
def command(
    output: Output, source: str, no_images: bool, max_per_host: int | None, allow_private: bool
) -> Exit:
    """Track a source: take its records, mirror its images, sign where they came from.

    SOURCE is the address or path of a Darwin Core Archive, of an RSS feed of archives, of a list of
    image addresses (text or CSV), or a folder of images. Track it again whenever you like: only what
    changed is fetched and written. If a run is cut short, the same command goes on from there.

    Exit code 3 means that some records or images could not be had; each is named.
    """
    from node.track import TrackOptions
    from node.track.run import track

    node = open_node(find_node(output.node))
    options = TrackOptions(not no_images, max_per_host, allow_private)
    ended = tell_summary(output, track(node, source, options, Teller(output)))
    ask_witnesses(output, node)
    return max(ended, analyse_after_track(output, node))
