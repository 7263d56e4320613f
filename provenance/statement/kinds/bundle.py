"""An analyzer that came as a bundle: handed in, tried in a sandbox, let to run (spec/bundles.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.analysis_run import UsedAnalyzer, analyzer_node, read_analyzer
from provenance.statement.kinds.parts import software_agent
from provenance.statement.kinds.reproduction import OUTCOMES
from provenance.statement.reading import count_of, digest_of, digests_of, nodes_of, reading, text_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text

PASSED: Final = ("identical", "within-tolerance")


class BundleChoice(StrEnum):
    """What an operator decides of a bundle."""

    APPROVED = "approved"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class BundleSubmission:
    """A bundle was handed in at a node.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the node's identity key.
        made: when, with a time zone.
        bundle: the blob of its manifest, which names it.
        name: of its analyzer.
        version: of the same.
        parts: all blobs that the manifest names.
    """

    id: str
    agent: PublicKey
    made: datetime
    bundle: Digest
    name: str
    version: str
    parts: tuple[Digest, ...]

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "BundleSubmission",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "bundle": self.bundle.uri,
            "name": plain_text(self.name),
            "softwareVersion": plain_text(self.version),
            "used": [digest.uri for digest in self.parts],
        }


@dataclass(frozen=True, slots=True)
class BundleTest:
    """What came of a bundle's own tests, run in a sandbox.

    Attributes:
        id: the statement's IRI.
        agent: the node's identity key.
        software: name and version of the program.
        bundle: the bundle.
        analyzer: what was run.
        started: with a time zone.
        ended: with a time zone.
        outcome: one of `reproduction.OUTCOMES`; the worst that a test came to.
        identical: tests that gave the expected output, bit for bit.
        within: tests whose output differs by no more than the analyzer declares.
        different: tests whose output differs by more.
        missing: tests without output.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    bundle: Digest
    analyzer: UsedAnalyzer
    started: datetime
    ended: datetime
    outcome: str
    identical: int
    within: int
    different: int
    missing: int

    @property
    def passed(self) -> bool:
        """Whether it reproduced what it declares."""
        return self.outcome in PASSED

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "BundleTest"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "bundle": self.bundle.uri,
            "analyzer": analyzer_node(self.id, self.analyzer),
            "outcome": self.outcome,
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "itemsIdentical": str(self.identical),
                "itemsWithinTolerance": str(self.within),
                "itemsDifferent": str(self.different),
                "itemsMissing": str(self.missing),
            },
        }


@dataclass(frozen=True, slots=True)
class BundleDecision:
    """Whether a bundle may be run over the images of a node; it counts in that node alone.

    Attributes:
        id: the statement's IRI.
        agent: the node's identity key.
        made: when, with a time zone.
        bundle: the bundle.
        choice: what was decided.
        test: the statement of the test on which it rests.
    """

    id: str
    agent: PublicKey
    made: datetime
    bundle: Digest
    choice: BundleChoice
    test: Digest

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "BundleDecision",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "bundle": self.bundle.uri,
            "decision": self.choice.value,
            "test": self.test.uri,
        }


def read_bundle_submission(statement: Statement) -> BundleSubmission:
    """Reads a submission; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "BundleSubmission"):
        return BundleSubmission(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            made=datetime.fromisoformat(text_of(document, "generatedAtTime")),
            bundle=digest_of(document, "bundle"),
            name=text_of(document, "name"),
            version=text_of(document, "softwareVersion"),
            parts=digests_of(document, "used"),
        )


def read_bundle_test(statement: Statement) -> BundleTest:
    """Reads what came of a test; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "BundleTest"):
        who, software = document["wasAssociatedWith"]
        (counts,) = nodes_of(document, "counts")
        if (outcome := text_of(document, "outcome")) not in OUTCOMES:
            raise ValueError(f"outcome, which cannot be {outcome!r}")
        return BundleTest(
            id=statement.iri,
            agent=parse_public_key(str(who)),
            software=(text_of(software, "name"), text_of(software, "softwareVersion")),
            bundle=digest_of(document, "bundle"),
            analyzer=read_analyzer(nodes_of(document, "analyzer")[0]),
            started=datetime.fromisoformat(text_of(document, "startedAtTime")),
            ended=datetime.fromisoformat(text_of(document, "endedAtTime")),
            outcome=outcome,
            identical=count_of(counts, "itemsIdentical"),
            within=count_of(counts, "itemsWithinTolerance"),
            different=count_of(counts, "itemsDifferent"),
            missing=count_of(counts, "itemsMissing"),
        )


def read_bundle_decision(statement: Statement) -> BundleDecision:
    """Reads a decision; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "BundleDecision"):
        return BundleDecision(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            made=datetime.fromisoformat(text_of(document, "generatedAtTime")),
            bundle=digest_of(document, "bundle"),
            choice=BundleChoice(text_of(document, "decision")),
            test=digest_of(document, "test"),
        )
