"""`vasculum similar`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources

if TYPE_CHECKING:
    from analyzers.region import Region
    from analyzers.vectors.search import Hit
    from hashstore.digest import Digest
    from manifests.members import MemberList
    from node.compose import Node
    from node.index import Index
    from node.slices.bringing import Fetch


@click.command(cls=Command)
@click.argument("image", metavar="IMAGE")
@click.option("--region", metavar="X,Y,W,H", help="Ask with this part of it, in pixels of the upright image.")
@click.option("--filter", "text", metavar="FILTER|@FILE", help="Find only among these images.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 250), help="How many at most.")
@click.option("--index", "chosen", metavar="H", help="Search this index; default: the newest that is known.")
@click.option("--analyzer", help="Who made its vectors; default: whom the index names.")
@sources
@click.pass_obj
def command(
    output: Output,
    image: str,
    region: str | None,
    text: str | None,
    limit: int,
    chosen: str | None,
    analyzer: str | None,
    urls: tuple[str, ...],
    disks: tuple[Path, ...],
) -> None:
    """Find pictures, or parts of pictures, that look like IMAGE: a file, or the digest of an image.

    The vectors are those that `vasculum analyze embedding` made, here or at a node that this one follows, and
    `vasculum index similar` put into an index. A file that is asked with is not stored.
    """
    from node.cli.filtering import filter_of
    from node.compose import open_node
    from node.layout import find_node
    from node.similar.embedder import Embedder
    from node.similar.find import find_similar, plan_for
    from node.similar.known import choose_vectors, maker_of, open_vectors

    node = open_node(find_node(output.node))
    part = _region(region)
    with node.index() as index:
        known = choose_vectors(node, index, chosen)
        among = _among(node, index, filter_of(text)) if text else None
    with (
        fetching(node, output, urls, disks) as fetch,
        output.progress("Looking", None),
        Embedder() as embedder,
    ):
        data, asked = _asked(node, image, fetch)
        vectors = open_vectors(node, known, fetch)
        plan = plan_for(node, known, analyzer or maker_of(node, known).name, fetch)
        vector = embedder.vector(plan, data, part)
        hits = find_similar(node, vectors, vector, limit, among, None if part else asked)
    with node.index() as index:
        for hit in hits:
            _tell(output, index, hit)
    fields = {"hits": len(hits), "index": known.digest.uri, "analyzer": known.made.analyzer.uri}
    if output.json:
        output.item({"type": "summary", **fields})
    elif not hits:
        output.say("Nothing was found.")


def _region(text: str | None) -> Region | None:
    from analyzers.errors import MalformedRegion
    from node.similar.asked import asked_region

    try:
        return asked_region(text)
    except MalformedRegion as error:
        raise click.UsageError(str(error)) from error


def _among(node: Node, index: Index, text: str) -> MemberList:
    from node.analysis.choose import images_of_filter
    from node.slices.create import composed

    return images_of_filter(node, index, composed(text, {}))


def _asked(node: Node, image: str, fetch: Fetch) -> tuple[bytes, Digest | None]:
    from node.analysis.errors import AnalysisError
    from node.look.access import require
    from node.look.resolve import resolve
    from node.look.things import BlobThing
    from node.policy import Principal

    if Path(image).is_file():
        return Path(image).read_bytes(), None
    with node.index() as index:
        thing = resolve(node, index, image)
        if not isinstance(thing, BlobThing):
            raise AnalysisError(f"{image} is no image.")
        require(index, thing, Principal.OPERATOR)
    if not node.store.contains(thing.digest):
        list(fetch([thing.digest]))
    if not node.store.contains(thing.digest):
        raise AnalysisError(f"The bytes of {thing.digest} are nowhere to be had; ask with a file.")
    return node.store.read(thing.digest), thing.digest


def _tell(output: Output, index: Index, hit: Hit) -> None:
    from node.cli.visible import one_line
    from node.similar.asked import record_of

    digest, region = hit.input.digest, hit.input.region
    row = record_of(index, digest)
    about = " ".join(one_line(str(value)) for value in row.values() if value)
    place = f"  {region.text.removeprefix('xywh=pixel:')}" if region else ""
    fields = {"type": "hit", "digest": digest.uri, "score": f"{hit.score:.4f}"}
    told = {"region": region.text} if region else {}
    output.item({**fields, **told, **row}, f"{hit.score:.3f}  {digest.hex[:12]}{place}  {about}".rstrip())
