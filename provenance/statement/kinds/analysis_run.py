"""A run of an analyzer: who ran what, on which images, with what came of it (spec/analyzers.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.parts import segment_entry, software_agent
from provenance.statement.reading import count_of, digest_of, digests_of, nodes_of, reading, text_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text

if TYPE_CHECKING:
    from manifests.segment import Segment


@dataclass(frozen=True, slots=True)
class UsedAnalyzer:
    """The analyzer of a run.

    Attributes:
        name: its name.
        version: its version.
        identity: the blob of its identity, which names it.
        code: the blob of its code; None if it was run elsewhere, by a program that is not known here.
        models: the blobs of its models.
        parameters: the blob of its parameters, defaults included.
        determinism: how exactly its output is made again: `bitwise` or `tolerance(e)`.
        environment: versions of the packages that matter, by name.
        platform: on what it ran, in words.
    """

    name: str
    version: str
    identity: Digest
    code: Digest | None
    models: tuple[Digest, ...]
    parameters: Digest
    determinism: str
    environment: Mapping[str, str]
    platform: str

    @property
    def named(self) -> tuple[Digest, ...]:
        """The blobs that it consists of, beside its identity."""
        return (*([self.code] if self.code else []), *self.models, self.parameters)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a run, in images.

    Attributes:
        analyzed: how many were read.
        unreadable: how many of those no decoder reads.
        failed: how many were left without result.
        findings: how many findings were made.
    """

    analyzed: int = 0
    unreadable: int = 0
    failed: int = 0
    findings: int = 0


@dataclass(frozen=True, slots=True)
class AnalysisRun:
    """One run.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the node's identity key.
        software: name and version of the program.
        started: with a time zone.
        ended: with a time zone.
        analyzer: what was run.
        members: the blob that lists the images (spec/slices.md).
        members_root: the root over them.
        count: how many there are.
        segments: of the tables `analysis` and `finding`; empty in a run that was read back.
        tally: what came of it.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    started: datetime
    ended: datetime
    analyzer: UsedAnalyzer
    members: Digest
    members_root: Digest
    count: int
    segments: tuple[Segment, ...]
    tally: Tally

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        used = self.analyzer
        inputs = {used.identity, *used.named, self.members}
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "AnalysisRun"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "analyzer": analyzer_node(self.id, used),
            "used": sorted(digest.uri for digest in inputs),
            "memberList": self.members.uri,
            "membersRoot": self.members_root.uri,
            "memberCount": str(self.count),
            "generated": sorted({segment.digest.uri for segment in self.segments}),
            "segment": [segment_entry(self.id, place, found) for place, found in enumerate(self.segments, 1)],
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "itemsAnalyzed": str(self.tally.analyzed),
                "itemsUnreadable": str(self.tally.unreadable),
                "itemsFailed": str(self.tally.failed),
                "findingsMade": str(self.tally.findings),
            },
        }


def analyzer_node(iri: str, used: UsedAnalyzer) -> dict[str, Any]:
    """An analyzer as an agent of W3C PROV, within the statement `iri`."""
    node: dict[str, Any] = {
        "id": f"{iri}#analyzer",
        "type": ["SoftwareAgent", "Analyzer"],
        "name": plain_text(used.name),
        "softwareVersion": plain_text(used.version),
        "identity": used.identity.uri,
        "parameters": used.parameters.uri,
        "determinism": used.determinism,
        "platform": plain_text(used.platform),
    }
    packages = [
        _package(iri, place, name, version)
        for place, (name, version) in enumerate(sorted(used.environment.items()), 1)
    ]
    return {
        **node,
        **({"code": used.code.uri} if used.code else {}),
        **({"environment": packages} if packages else {}),
        **({"model": [model.uri for model in used.models]} if used.models else {}),
    }


def _package(iri: str, place: int, name: str, version: str) -> dict[str, Any]:
    return {"id": f"{iri}#package-{place}", "type": "Package", "name": name, "softwareVersion": version}


def read_analysis_run(statement: Statement) -> AnalysisRun:
    """Reads a run, without its segments (`segments_of` tells those); its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "AnalysisRun"):
        who, software = document["wasAssociatedWith"]
        (counts,) = nodes_of(document, "counts")
        return AnalysisRun(
            id=statement.iri,
            agent=parse_public_key(str(who)),
            software=(text_of(software, "name"), text_of(software, "softwareVersion")),
            started=datetime.fromisoformat(text_of(document, "startedAtTime")),
            ended=datetime.fromisoformat(text_of(document, "endedAtTime")),
            analyzer=read_analyzer(nodes_of(document, "analyzer")[0]),
            members=digest_of(document, "memberList"),
            members_root=digest_of(document, "membersRoot"),
            count=count_of(document, "memberCount"),
            segments=(),
            tally=Tally(
                count_of(counts, "itemsAnalyzed"),
                count_of(counts, "itemsUnreadable"),
                count_of(counts, "itemsFailed"),
                count_of(counts, "findingsMade"),
            ),
        )


def read_analyzer(node: Mapping[str, Any]) -> UsedAnalyzer:
    """The analyzer that `analyzer_node` wrote.

    Raises:
        KeyError: a member is missing.
        ValueError: a member is of another form.
    """
    elsewhere = "code" not in node
    packages = () if elsewhere and "environment" not in node else nodes_of(node, "environment")
    return UsedAnalyzer(
        name=text_of(node, "name"),
        version=text_of(node, "softwareVersion"),
        identity=digest_of(node, "identity"),
        code=None if elsewhere else digest_of(node, "code"),
        models=digests_of(node, "model"),
        parameters=digest_of(node, "parameters"),
        determinism=text_of(node, "determinism"),
        environment={text_of(one, "name"): text_of(one, "softwareVersion") for one in packages},
        platform=text_of(node, "platform"),
    )
