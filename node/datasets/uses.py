"""Who cites a version of a dataset, and what was made from it, as far as the followed logs say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.citing.works import work_address
from manifests.errors import EventsRefused
from node.compose import Node
from node.datasets.known import KnownDataset
from node.index import Index
from node.publish import publish
from provenance.errors import ProvenanceError
from provenance.statement import Statement, new_statement_id
from provenance.statement.kinds import DatasetCitation, DatasetPublication
from provenance.statement.kinds.dataset_notes import read_citation, read_publication

_NAMING = "SELECT * FROM statement WHERE contains(document, $name) ORDER BY log, log_index"
_NOTES = "SELECT * FROM statement WHERE kind = $kind AND contains(document, $name) ORDER BY log, log_index"
# What is said about a version, rather than made from it.
_ABOUT = frozenset({"DatasetCitation", "DatasetPublication", "ReplicaClaim", "AuditReport", "Withdrawal",
                    "WithdrawalDecision"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Citing:
    """A work that cites a version.

    Attributes:
        work: Its address.
        origin: The log that says so.
        statement: The statement there.
        evidence: The file of events that it was read from.
    """

    work: str
    origin: str
    statement: Digest
    evidence: Digest | None


@dataclass(frozen=True, slots=True)
class Use:
    """Something that was made from a version.

    Attributes:
        statement: What says so.
        kind: What it is, in one word.
        origin: The log that holds it.
        terms: By which of its terms it names the version.
    """

    statement: Digest
    kind: str
    origin: str
    terms: tuple[str, ...]


def citing_works(node: Node, index: Index, known: KnownDataset) -> list[Citing]:
    """The works that are said to cite a version; each once for each log that says so."""
    found: dict[tuple[str, str], Citing] = {}
    for row in _rows(index, _NOTES, known.digest, kind="DatasetCitation"):
        try:
            said = read_citation(Statement(row["document"].encode(), row["iri"]))
        except (ProvenanceError, HashstoreError):
            continue
        origin = _origin(node, index, row["log"])
        for work in filter(_is_address, said.citing if said.version == known.digest else ()):
            found.setdefault((work, origin), Citing(work, origin, Digest(row["digest"]), said.evidence))
    return sorted(found.values(), key=lambda one: (one.work, one.origin))


def _is_address(work: str) -> bool:
    """Whether a work is named as we would name it; others may have signed what a page must not link to."""
    try:
        return work_address(work) == work
    except EventsRefused:
        return False


def published_by(node: Node, index: Index, known: KnownDataset) -> list[str]:
    """The logs that publish a version; its own first, if it does."""
    found = []
    for row in _rows(index, _NOTES, known.digest, kind="DatasetPublication"):
        try:
            said = read_publication(Statement(row["document"].encode(), row["iri"]))
        except (ProvenanceError, HashstoreError):
            continue
        if said.version == known.digest:
            found.append(_origin(node, index, row["log"]))
    return sorted(set(found), key=lambda origin: (origin != known.origin, origin))


def made_from(node: Node, index: Index, known: KnownDataset) -> list[Use]:
    """What names a version or its manifest as something that it used or came of; not its next versions."""
    names = {known.digest.uri, known.version.manifest.uri}
    found: dict[Digest, Use] = {}
    for name in sorted(names):
        for row in index.rows(_NAMING, {"name": name}):
            digest = Digest(row["digest"])
            if digest == known.digest or row["kind"] in _ABOUT or digest in found:
                continue
            document = json.loads(row["document"])
            terms = tuple(sorted({term for term, value in _values(document) if value in names}))
            # The first version is no version of another: what they share is its name.
            if terms and (document.get("isVersionOf") or row["iri"]) != known.version.family:
                found[digest] = Use(digest, row["kind"], _origin(node, index, row["log"]), terms)
    return list(found.values())


def register_citations(
    node: Node, known: KnownDataset, works: Sequence[str], evidence: bytes | None = None
) -> Digest:
    """Sign into the log that works cite a version.

    Args:
        node: The node; the caller holds its writer lock.
        known: The version.
        works: Addresses of works.
        evidence: The file of events that they were read from. Only its digest is kept: it is others' file.
    """
    citation = DatasetCitation(
        id=new_statement_id(),
        agent=node.identity.public,
        version=known.digest,
        citing=tuple(sorted(set(works))),
        evidence=None if evidence is None else Digest.of(evidence),
        made=datetime.now(UTC).replace(microsecond=0),
    )
    return publish(node, citation.document())


def publish_dataset(node: Node, known: KnownDataset) -> Digest:
    """Sign into the log that a version is published; the caller holds the writer lock."""
    made = datetime.now(UTC).replace(microsecond=0)
    said = DatasetPublication(new_statement_id(), node.identity.public, known.digest, made)
    return publish(node, said.document())


def _rows(index: Index, query: str, name: Digest, **values: str) -> list[dict[str, Any]]:
    return index.rows(query, {"name": name.uri, **values})


def _origin(node: Node, index: Index, log: int) -> str:
    return index.origins().get(log) or node.log_key.name


def _values(node: Any, term: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document with the term that it stands under."""
    if isinstance(node, str):
        yield term, node
    elif isinstance(node, list):
        for item in node:
            yield from _values(item, term)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name != "proof":
                yield from _values(value, name)
