"""What there is to say of a thing in a citation, gathered from rows and from the publisher's metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from hashstore.digest import Digest
from manifests.citing import CitedKind, CitedThing, Creator
from node.cite.bundle import CAPTURE_OF, log_description
from node.compose import Node
from node.errors import NotFound
from node.index import OWN_LOG, Index
from node.look.history import rows_of
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing
from provenance.statement.kinds.log_description import read_log_description

Row = Mapping[str, Any]
_LOCAL = "file:"
_PLACE = "t.log = ? AND t.log_index = ? AND t.row = ?"
# A citation is made for the public: of a sensitive specimen it tells what the public row tells.
_OF_SOURCE = "t.access = 'public' AND t.log = ? AND t.source = ?"
_YEAR = re.compile(r"\b(1[4-9]\d\d|20\d\d)\b")


def cited_thing(node: Node, index: Index, thing: Thing) -> CitedThing:
    """Gather a citation's parts.

    Raises:
        NotFound: nothing is known that could be said of the thing.
    """
    match thing:
        case BlobThing():
            return _blob(node, index, thing)
        case RowThing():
            return _row(index, thing)
        case StatementThing(kind="DatasetVersion"):
            return _dataset_version(node, index, thing.digest)
        case StatementThing():
            return _crawl(node, index, thing)
        case SnapshotThing(digest, size):
            title = f"Snapshot of the log {node.config.identity.origin} with {size} entries"
            name = node.config.identity.name
            return CitedThing(title, digest.uri, _today(), (Creator(name),), _today().year, publisher=name)
        case SegmentThing():
            raise NotFound("A segment is cited by its crawl's statement or row by row (#row=N).")


def _blob(node: Node, index: Index, thing: BlobThing) -> CitedThing:
    found = index.one(CAPTURE_OF, [thing.digest.raw])
    if found is None:
        return _given(node, index, thing.digest)
    (capture,) = rows_of(index, "capture", _PLACE, [found["log"], found["log_index"], found["row"]])
    media = _last(
        rows_of(
            index, "media", f"{_OF_SOURCE} AND (t.accessURI = ? OR t.identifier = ?)",
            [capture["log"], capture["source"], capture["url"], capture["url"]],
        )
    )  # fmt: skip
    specimen = _specimen_of(index, capture, media)
    cited = _of_media(index, thing.digest.uri, capture, media, specimen)
    return _of_this_house(cited, node) if capture["url"].startswith(_LOCAL) else cited


def _given(node: Node, index: Index, digest: Digest) -> CitedThing:
    """A version of a dataset that was brought here although its log is not followed."""
    from node.datasets.known import given_dataset

    if given_dataset(node, digest) is None:
        raise NotFound(f"No public record says how {digest} came here, so it cannot be cited.")
    return _dataset_version(node, index, digest)


def _of_this_house(cited: CitedThing, node: Node) -> CitedThing:
    """A file from the institution's own disk: nobody else can follow its address or has published it."""
    title = cited.title
    if title.startswith(_LOCAL):
        title = unquote(title.removeprefix(_LOCAL)) + (" [image]" if cited.kind is CitedKind.IMAGE else "")
    return replace(
        cited, title=title, url=None, publisher=cited.publisher or " ".join(node.config.identity.name.split())
    )


def _of_media(index: Index, identifier: str, capture: Row, media: Row, specimen: Row) -> CitedThing:
    dataset = _dataset(index, capture["log"], capture["source"])
    is_image = capture["role"] == "image"
    named = _name(specimen) or media.get("title")
    whole = capture["role"] == "archive" and dataset.get("title")
    title = whole or (f"{named} [image]" if named and is_image else named) or capture["url"]
    creator = media.get("creator")
    return CitedThing(
        title=title,
        identifier=identifier,
        accessed=datetime.fromisoformat(capture["requestedAt"]).date(),
        creators=(Creator(creator),) if creator else _creators(dataset),
        year=_year(media.get("created")) or _year(dataset.get("issued")),
        publisher=dataset.get("publisher") or specimen.get("institutionCode"),
        licence=media.get("license") or media.get("rights") or (None if is_image else dataset.get("license")),
        url=capture["url"],
        container=None if whole else dataset.get("title"),
        kind=CitedKind.IMAGE if is_image else CitedKind.DATASET if whole else CitedKind.FILE,
    )


def _row(index: Index, thing: RowThing) -> CitedThing:
    (row,) = rows_of(index, thing.table, _PLACE, [thing.log, thing.log_index, thing.uri.row])
    source = row.get("source") or ""  # what is said of bytes, as in `picture` and `pieces`, has none
    dataset = _dataset(index, thing.log, source)
    title = _name(row) or row.get("title") or f"Row {thing.uri.row} of the {thing.table} table"
    return CitedThing(
        title=title,
        identifier=str(thing.uri),
        accessed=_crawl_date(index, thing),
        creators=_creators(dataset),
        year=_year(dataset.get("issued")),
        publisher=dataset.get("publisher") or row.get("institutionCode"),
        licence=row.get("license") or dataset.get("license"),
        url=source if source.startswith("http") else None,
        container=dataset.get("title"),
        kind=CitedKind.RECORD,
    )


def _crawl(node: Node, index: Index, thing: StatementThing) -> CitedThing:
    query = "SELECT source, ended FROM statement WHERE log = ? AND log_index = ?"
    row = index.one(query, [thing.log, thing.log_index])
    assert row is not None
    dataset = _dataset(index, thing.log, row["source"]) if row["source"] else {}
    origin, keeper = _keeper(node, index, thing.log)
    when = datetime.fromisoformat(row["ended"]).date() if row["ended"] else _today()
    source = row["source"] or origin
    what = dataset.get("title") or source
    return CitedThing(
        title=f"{what} [as tracked by {keeper}, {when.isoformat()}]",
        identifier=thing.digest.uri,
        accessed=when,
        creators=_creators(dataset) or (Creator(keeper),),
        year=_year(dataset.get("issued")) or when.year,
        publisher=dataset.get("publisher") or keeper,
        licence=dataset.get("license"),
        url=source if source.startswith("http") else None,
        kind=CitedKind.DATASET,
    )


def _dataset_version(node: Node, index: Index, digest: Digest) -> CitedThing:
    """A version of a dataset, with how many of its members were withdrawn since."""
    from node.datasets.hidden import hidden_count
    from node.datasets.known import find_dataset

    known = find_dataset(node, index, digest.uri)
    return known.description(hidden_count(node, index, known) or 0).cited


def _keeper(node: Node, index: Index, log: int) -> tuple[str, str]:
    """The origin of a log, and the institution that keeps it."""
    if log == OWN_LOG:
        return node.config.identity.origin, node.config.identity.name
    reader = node.log_reader(index, log)
    return reader.key.name, read_log_description(log_description(node, reader)).institution


def _specimen_of(index: Index, capture: Row, media: Row) -> Row:
    if not media.get("id"):
        return {}
    where = f"{_OF_SOURCE} AND t.id = ?"
    return _last(rows_of(index, "specimen", where, [capture["log"], capture["source"], media["id"]]))


def _last(rows: tuple[Row, ...]) -> Row:
    """The newest of some rows, a current one if there is any."""
    current = [row for row in rows if row["current"]]
    return (current or list(rows) or [{}])[-1]


def _name(row: Row) -> str | None:
    parts = [row.get("scientificName"), row.get("catalogNumber") or row.get("occurrenceID")]
    return ", ".join(part for part in parts if part) or None


def _dataset(index: Index, log: int, source: str) -> Row:
    """The publisher's own metadata, out of the newest crawl that read it."""
    query = (
        "SELECT document FROM statement WHERE log = ? AND source = ? AND kind = 'Crawl' "
        "ORDER BY log_index DESC"
    )
    for row in index.rows(query, [log, source]):
        dataset = json.loads(row["document"]).get("dataset")
        if isinstance(dataset, dict):
            return dataset
    return {}


def _creators(dataset: Row) -> tuple[Creator, ...]:
    listed = dataset.get("creator", [])
    found = [who for who in (listed if isinstance(listed, list) else [listed]) if who.get("name")]
    return tuple(Creator(who["name"]) for who in sorted(found, key=lambda who: int(who.get("position", 0))))


def _crawl_date(index: Index, thing: RowThing) -> date:
    query = (
        "SELECT s.ended FROM leaf JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement "
        "WHERE leaf.log = ? AND leaf.log_index = ?"
    )
    row = index.one(query, [thing.log, thing.log_index])
    return datetime.fromisoformat(row["ended"]).date() if row and row["ended"] else _today()


def _year(text: str | None) -> int | None:
    found = _YEAR.search(text or "")
    return int(found[1]) if found else None


def _today() -> date:
    return datetime.now(UTC).date()
