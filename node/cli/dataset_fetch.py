"""`vasculum dataset fetch`, `publish`, `cited`."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from hashstore.digest import Digest
    from node.compose import Node
    from node.datasets.known import KnownDataset
    from node.slices.bringing import Fetch

_MOST_TOLD = 10


@click.command("fetch", cls=Command)
@click.argument("identifier", metavar="H")
@sources
@click.option("--no-images", is_flag=True, help="Only what says which images they are.")
@click.option(
    "--follow", is_flag=True, help="Follow the logs that it was made of, as the first --from has them."
)
@click.pass_obj
def fetch(
    output: Output,
    identifier: str,
    urls: tuple[str, ...],
    disks: tuple[Path, ...],
    no_images: bool,
    follow: bool,
) -> Exit:
    """Bring a version here and check it.

    First its statement, slice, manifest, datasheet and labels, then its images.

    Everything is checked. Where the logs that it was made of are followed, the manifest is made again
    from their rows and compared. Run it again after an interruption: what is here is not fetched.

    Exit code 3 means that images are missing or withdrawn, or that no log that is followed here vouches for
    the dataset; 4 that its manifest is not what the rows give.
    """
    from node.datasets.fetch import bring_statements
    from node.datasets.fetch_shown import bring_shown
    from node.datasets.following import follow_logs

    node = open_node(find_node(output.node))
    if follow and not urls:
        raise click.UsageError("Say which node has the logs: --follow needs --from URL.")
    digest = _digest(node, identifier)
    with fetching(node, output, urls, disks) as bringing:
        asked = [*urls, *(peer.url for peer in node.peers.peers())]
        shown = partial(bring_shown, node, asked)
        known, chosen = bring_statements(bringing, node, digest, shown)
        if follow:
            follow_logs(node, urls[0], [log.origin for log in chosen.state], output.say)
        output.say(
            f"{one_line(known.version.title)}, version {known.version.number}: {known.version.count:,} images"
        )
        missing = 0 if no_images else _bring_images(output, node, known, bringing)
    return _judge(output, node, digest, missing)


def _digest(node: Node, identifier: str) -> Digest:
    from hashstore.digest import Digest
    from hashstore.errors import MalformedDigest
    from node.datasets.known import find_dataset

    try:
        return Digest.parse(identifier)
    except MalformedDigest:
        with node.index() as index:
            return find_dataset(node, index, identifier).digest


def _bring_images(output: Output, node: Node, known: KnownDataset, bringing: Fetch) -> int:
    """Bring the images and tell what became of each; returns how many are not here."""
    from node.datasets.fetch import bring_members

    counts: Counter[str] = Counter()
    with output.progress("Fetching", known.version.count) as bar:
        for digest, outcome in bring_members(bringing, node, known):
            counts[outcome] += 1
            bar.advance()
            lost = outcome in ("nowhere", "withdrawn")
            text = f"{outcome}: {digest}" if lost and counts[outcome] <= _MOST_TOLD else None
            output.item({"type": "blob", "digest": digest.uri, "outcome": str(outcome)}, text)
    words = [f"{counts['fetched']:,} fetched", f"{counts['here']:,} were here"]
    words += [f"{counts[name]:,} {name}" for name in ("withdrawn", "nowhere") if counts[name]]
    output.say(", ".join(words) + ".")
    return counts["nowhere"] + counts["withdrawn"]


def _judge(output: Output, node: Node, digest: Digest, missing: int) -> Exit:
    """Make the manifest again, and tell whether the version is whole and who vouches for it."""
    from node.datasets.known import find_dataset
    from node.datasets.rebuild import rebuild
    from node.datasets.told import dataset_fields

    with node.index() as index:
        known = find_dataset(node, index, digest.uri)
        rebuilt = rebuild(node, index, known)
    fields = dataset_fields(known) | {
        "missing": missing,
        "identical": rebuilt.identical,
        "notRebuilt": rebuilt.reason,
        "followed": known.log is not None,
    }
    lines = [str(digest), rebuilt.words]
    if known.log is None:
        lines.append(f"Intact, but no log that is followed here vouches for it: {known.version.agent.did}")
    output.item({"type": "summary", **fields}, "\n".join(lines))
    if rebuilt.reason is None and not rebuilt.identical:
        return Exit.VERIFICATION_FAILED
    return Exit.PARTIAL if missing or known.log is None or rebuilt.reason else Exit.OK


@click.command("publish", cls=Command)
@click.argument("identifier", metavar="H")
@click.pass_obj
def publish(output: Output, identifier: str) -> None:
    """List a version for everybody.

    It is told at /api/datasets of this node and of all that follow it.
    """
    from node.datasets.known import find_dataset
    from node.datasets.uses import publish_dataset, published_by

    node = open_node(find_node(output.node))
    with node.writing():
        with node.index() as index:
            known = find_dataset(node, index, identifier)
            before = node.log_key.name in published_by(node, index, known)
        statement = None if before else publish_dataset(node, known)
    title = f"{one_line(known.version.title)}, version {known.version.number}"
    words = "was published before" if before else "is published"
    fields = {
        "type": "summary",
        "dataset": known.digest.uri,
        "published": not before,
        "statement": statement.uri if statement else None,
    }
    output.item(fields, f"{title}, {words}: {known.digest}")


@click.command("cited", cls=Command)
@click.argument("identifier", metavar="H")
@click.option("--by", "works", multiple=True, metavar="DOI|URL", help="A work that cites it; repeatable.")
@click.option(
    "--events",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Events as the API of DataCite or Crossref answered them, JSON.",
)
@click.option(
    "--as",
    "names",
    multiple=True,
    metavar="DOI",
    help="What the version is called in the events; repeatable.",
)
@click.pass_obj
def cited(
    output: Output, identifier: str, works: tuple[str, ...], file: Path | None, names: tuple[str, ...]
) -> None:
    """Register who cites a version.

    `dataset show` tells it, here and on every node that follows this one.
    """
    from manifests.citing.works import read_events, work_address
    from node.datasets.known import find_dataset
    from node.datasets.uses import citing_works, register_citations

    if not works and file is None:
        raise click.UsageError("Say who cites it: --by DOI, or --events FILE.")
    node, evidence = open_node(find_node(output.node)), None if file is None else file.read_bytes()
    with node.writing():
        with node.index() as index:
            known = find_dataset(node, index, identifier)
            before = {one.work for one in citing_works(node, index, known) if one.origin == node.log_key.name}
        found = {work_address(work) for work in works}
        if evidence is not None:
            found |= set(read_events(evidence, [known.digest.uri, *names]))
        new = sorted(found - before)
        statement = register_citations(node, known, new, evidence) if new else None
    for work in new:
        output.item({"type": "citation", "work": work}, work)
    fields = {
        "type": "summary",
        "dataset": known.digest.uri,
        "new": len(new),
        "known": len(found & before),
        "statement": statement.uri if statement else None,
    }
    output.item(fields, f"{len(new):,} new, {len(found & before):,} known.")
