"""One crawl of a source: what was asked, what was used, what came out, and the crawl before it (W3C PROV)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey
from provenance.statement.kinds.parts import segment_entry, software_agent
from provenance.statement.statement import time_text
from provenance.statement.text import plain_text

if TYPE_CHECKING:  # manifests.segment brings pyarrow and duckdb, which checking a citation must not wait for
    from manifests.segment import Segment

COUNTS: Final = frozenset(
    {
        "bytesFetched",
        "imagesFailed",
        "imagesFetched",
        "imagesGone",
        "imagesUnchanged",
        "rowsAdded",
        "rowsChanged",
        "rowsQuarantined",
        "rowsRead",
        "rowsRemoved",
    }
)


@dataclass(frozen=True, slots=True)
class UsedArchive:
    """An archive, feed or list that a crawl read.

    Attributes:
        digest: its bytes.
        url: where it came from.
        role: what it was to the crawl, such as `archive`, `feed` or `metadata`.
    """

    digest: Digest
    url: str
    role: str


@dataclass(frozen=True, slots=True)
class Creator:
    """One who made the dataset.

    Attributes:
        name: as the publisher writes it.
        identifier: an ORCID or the like, where known.
    """

    name: str
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the publisher says of the dataset, from its EML or Dublin Core; None where it says nothing."""

    title: str | None = None
    creators: tuple[Creator, ...] = ()
    publisher: str | None = None
    license: str | None = None
    citation: str | None = None
    identifier: str | None = None
    version: str | None = None
    issued: str | None = None


@dataclass(frozen=True, slots=True)
class Crawl:
    """One run over one source.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the node's identity key.
        software: name and version of the program.
        source: the source's address as the operator gave it (URL, path or name).
        source_kind: the plug-in that read it, such as `dwca`.
        started: with a time zone.
        ended: with a time zone.
        used: what was read, by digest.
        segments: what was written.
        counts: how much, by the names in `COUNTS`.
        flagged: how many public rows of a table look doubtful, by table and code (spec/quality.md).
        previous: the IRI of the crawl of the same source before this one.
        dataset: the publisher's metadata, where there is any.
        interrupted: whether the crawl ended before it had seen everything.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    source: str
    source_kind: str
    started: datetime
    ended: datetime
    used: tuple[UsedArchive, ...] = ()
    segments: tuple[Segment, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    flagged: tuple[tuple[str, str, int], ...] = ()
    previous: str | None = None
    dataset: Dataset | None = None
    interrupted: bool = False

    def document(self) -> dict[str, Any]:
        """The unsigned statement.

        Raises:
            MalformedStatement: a count has no defined name.
        """
        parts: dict[str, Any] = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "Crawl"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "interrupted": self.interrupted,
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "source": self._source(),
            "wasInformedBy": self.previous,
            "used": sorted({archive.digest.uri for archive in self.used}),
            "qualifiedUsage": [_usage(self.id, place, used) for place, used in enumerate(self.used, 1)],
            "generated": sorted({segment.digest.uri for segment in self.segments}),
            "segment": [segment_entry(self.id, place, found) for place, found in enumerate(self.segments, 1)],
            "counts": _counts(self.id, dict(self.counts)),
            "qualityCount": [_flagged(self.id, place, *one) for place, one in enumerate(self.flagged, 1)],
            "dataset": None if self.dataset is None else _dataset(self.id, self.dataset),
        }
        return _present(parts)

    def _source(self) -> dict[str, Any]:
        return {
            "id": f"{self.id}#source",
            "type": "Source",
            "address": plain_text(self.source),
            "sourceKind": plain_text(self.source_kind),
        }


def _usage(crawl: str, place: int, archive: UsedArchive) -> dict[str, Any]:
    return {
        "id": f"{crawl}#used-{place}",
        "type": "Usage",
        "entity": archive.digest.uri,
        "retrievedFrom": plain_text(archive.url),
        "role": plain_text(archive.role),
    }


def _counts(crawl: str, counts: Mapping[str, int]) -> dict[str, Any] | None:
    if unknown := sorted(set(counts) - COUNTS):
        raise MalformedStatement(
            f"A crawl has no count named {unknown[0]!r}; it has {', '.join(sorted(COUNTS))}."
        )
    if not counts:
        return None
    return {"id": f"{crawl}#counts", "type": "Counts", **{name: str(value) for name, value in counts.items()}}


def _flagged(crawl: str, place: int, table: str, code: str, rows: int) -> dict[str, Any]:
    return {
        "id": f"{crawl}#quality-{place}",
        "type": "QualityCount",
        "table": table,
        "qualityFlag": code,
        "rows": str(rows),
    }


def _dataset(crawl: str, dataset: Dataset) -> dict[str, Any]:
    texts = {
        "title": dataset.title,
        "publisher": dataset.publisher,
        "license": dataset.license,
        "bibliographicCitation": dataset.citation,
        "identifier": dataset.identifier,
        "version": dataset.version,
        "issued": dataset.issued,
    }
    return _present(
        {
            "id": f"{crawl}#dataset",
            "type": "Dataset",
            **{name: plain_text(text) for name, text in texts.items() if text},
            "creator": [_creator(crawl, place, who) for place, who in enumerate(dataset.creators, 1)],
        }
    )


def _creator(crawl: str, place: int, creator: Creator) -> dict[str, Any]:
    return _present(
        {
            "id": f"{crawl}#creator-{place}",
            "type": "Agent",
            "name": plain_text(creator.name),
            "identifier": plain_text(creator.identifier or ""),
            "position": str(place),
        }
    )


def _present(parts: Mapping[str, Any]) -> dict[str, Any]:
    """A graph has no place for what is not there: empty texts and lists are left out, like None."""
    return {name: value for name, value in parts.items() if value is not None and value not in ("", [])}
