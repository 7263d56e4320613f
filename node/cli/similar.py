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
    from node.compose import Node
    from node.index import Index

_TOLD = """
SELECT s.scientificName, s.institutionCode, s.catalogNumber FROM capture c
JOIN media m ON m.log = c.log AND m.accessURI = c.url AND m.current AND m.access = 'public'
JOIN specimen s ON s.log = m.log AND s.source = m.source AND s.id = m.id AND s.current AND s.access = 'public'
WHERE c.digest = ? LIMIT 1
"""


@click.command(cls=Command)
@click.argument("image", metavar="IMAGE")
@click.option("--region", metavar="X,Y,W,H", help="Ask with this part of it, in pixels of the upright image.")
@click.option("--filter", "text", metavar="FILTER|@FILE", help="Find only among these images.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 250), help="How many at most.")
@click.option("--index", "chosen", metavar="H", help="Search this index; default: the newest that is known.")
@click.option("--analyzer", default="embedding", show_default=True, help="Who made its vectors.")
@sources
@click.pass_obj
def command(
    output: Output,
    image: str,
    region: str | None,
    text: str | None,
    limit: int,
    chosen: str | None,
    analyzer: str,
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
    from node.similar.find import choose_vectors, find_similar, open_vectors, query_vector
    from node.slices.create import composed

    node = open_node(find_node(output.node))
    part = _region(region)
    with node.index() as index:
        known = choose_vectors(node, index, chosen)
    with fetching(node, output, urls, disks) as fetch, output.progress("Looking", None):
        data, asked = _asked(node, image)
        vectors = open_vectors(node, known, fetch)
        vector = query_vector(node, known, analyzer, data, part, fetch)
        tree = composed(filter_of(text), {}) if text else None
        found = find_similar(node, known, vectors, vector, limit, tree, None if part else asked)
    with node.index() as index:
        for hit in found.hits:
            _tell(output, index, hit)
    fields = {"hits": len(found.hits), "index": known.digest.uri, "analyzer": known.made.analyzer.uri}
    if output.json:
        output.item({"type": "summary", **fields})
    elif not found.hits:
        output.say("Nothing was found.")


def _region(text: str | None) -> Region | None:
    from analyzers.errors import MalformedRegion
    from analyzers.region import parse_region

    if text is None:
        return None
    try:
        return parse_region(text if text.startswith("xywh=") else f"xywh=pixel:{text}")
    except MalformedRegion as error:
        raise click.UsageError(str(error)) from error


def _asked(node: Node, image: str) -> tuple[bytes, Digest | None]:
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
    return node.store.read(thing.digest), thing.digest


def _tell(output: Output, index: Index, hit: Hit) -> None:
    from node.cli.visible import one_line

    digest, region = hit.input.digest, hit.input.region
    row = index.one(_TOLD, [digest.raw]) or {}
    about = " ".join(one_line(str(value)) for value in row.values() if value)
    place = f"  {region.text.removeprefix('xywh=pixel:')}" if region else ""
    fields = {"type": "hit", "digest": digest.uri, "score": f"{hit.score:.4f}"}
    told = {"region": region.text} if region else {}
    output.item({**fields, **told, **row}, f"{hit.score:.3f}  {digest.hex[:12]}{place}  {about}".rstrip())
