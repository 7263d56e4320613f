"""What the page of an image shows: its record and rights, where it came from, its versions, its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.digest import Digest
from manifests.citing import FORMATS
from node.cite import cited_thing
from node.compose import Node
from node.duplicates.links import Link, links_of
from node.errors import NotFound
from node.index import Index
from node.look.describe import describe
from node.look.history import Origin, history
from node.look.things import BlobThing
from node.policy import Principal
from node.web.things.shown import Rights, rights_of

# Addresses at which these bytes were met, and what was met there at any time.
_VERSIONS: Final = """
SELECT DISTINCT ON (c.digest) c.digest, c.requestedAt FROM capture c
JOIN (SELECT DISTINCT log, source, url FROM capture WHERE digest = $digest AND role = 'image') o
USING (log, source, url)
WHERE c.digest IS NOT NULL AND c.access = 'public' ORDER BY c.digest, c.requestedAt
"""


@dataclass(frozen=True, slots=True)
class Version:
    """Bytes that were met at an address of this image.

    Attributes:
        digest: They.
        first: When they were met first.
    """

    digest: Digest
    first: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as its page shows it.

    Attributes:
        digest: Its bytes.
        name: What is on it, as far as records say.
        fields: What `describe` tells: size, media type, analyses.
        origins: The captures behind it, oldest first.
        records: The records that show it, each with its address, the current ones first.
        rights: What its media row says.
        versions: What else was at its addresses, the oldest first, itself among it.
        links: What else is the same picture.
        citations: By format.
    """

    digest: Digest
    name: str
    fields: Mapping[str, Any]
    origins: tuple[Origin, ...]
    records: tuple[Mapping[str, Any], ...]
    rights: Rights | None
    versions: tuple[Version, ...]
    links: tuple[Link, ...]
    citations: Mapping[str, str]


def read_picture(node: Node, index: Index, digest: Digest, principal: Principal) -> Picture:
    """Gather what there is to show.

    Raises:
        NotFound: there is no such image, or it is not to be seen.
        Withdrawn: it was taken back.
    """
    thing = BlobThing(digest)
    if index.one("SELECT 1 FROM capture WHERE digest = ? AND role = 'image'", [digest.raw]) is None:
        raise NotFound("There is no such image here.")
    fields = describe(node, index, thing, principal)
    origins = history(index, digest, principal)
    records = tuple(_records(origins))
    media = [row for origin in origins for row in origin.media]
    best = max(media, key=lambda row: (row["current"], row["log_index"]), default=None)
    return Picture(
        digest,
        next((record["scientificName"] for record in records if record["scientificName"]), "")
        or digest.hex[:10],
        fields,
        origins,
        records,
        None if best is None else rights_of(best),
        tuple(_versions(index, digest)),
        tuple(links_of(index, thing, principal)),
        _citations(node, index, thing),
    )


def _records(origins: tuple[Origin, ...]) -> Iterator[Mapping[str, Any]]:
    """Each record once, in its newest row."""
    newest: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for origin in origins:
        for row in origin.specimens:
            key = (row["log"], row["source"], row["id"])
            if key not in newest or row["log_index"] >= newest[key]["log_index"]:
                newest[key] = row
    yield from sorted(newest.values(), key=lambda row: (not row["current"], row["log"], row["log_index"]))


def _versions(index: Index, digest: Digest) -> Iterator[Version]:
    rows = index.rows(_VERSIONS, {"digest": digest.raw})
    for row in sorted(rows, key=lambda row: str(row["requestedAt"])):
        yield Version(Digest(row["digest"]), str(row["requestedAt"]))


def _citations(node: Node, index: Index, thing: BlobThing) -> dict[str, str]:
    try:
        cited = cited_thing(node, index, thing)
    except NotFound:
        return {}
    return {form: FORMATS[form](cited).strip() for form in ("text", "bibtex")}
