"""What waits for review: what people said, contradictions of records, and findings that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from hashstore.digest import Digest
from manifests.annotations import Subject
from manifests.members import MemberList
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.review.conflicts import Said, conflicts_of
from node.review.conflicts.model import Record
from node.review.ranking import Priority, priority
from node.review.records import how_common, is_type, records_of, taxon_of
from node.review.rules import DECIDES
from node.review.store import ReviewStore

_BATCH: Final = 500
_FINDINGS: Final = """
SELECT digest, key, place, kind, region, text, term, value, unit, confidence FROM finding
WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[])) AND kind IN (SELECT unnest(?::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY key, place ORDER BY log, log_index) = 1
ORDER BY digest, key, place
"""
_READ: Final = "SELECT DISTINCT digest FROM finding WHERE access = 'public' AND kind IN (SELECT unnest(?))"
_DECIDED: Final = (
    "SELECT DISTINCT subject FROM own_review WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[]))"
)
_UNRANKED: Final = Priority(0, 0, 0)
_OF_CONFLICTS: Final = ("barcode", "line")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to be decided.

    Attributes:
        subject: Its name.
        image: What it is about.
        kind: What is said.
        said: What was read, in words.
        reason: Why it waits: `pending`, `finding`, or the code of a contradiction.
        agent: Who said it; None for a machine.
        column: The record's column that it contradicts.
        recorded: What that says.
        region: Where.
        confidence: How sure who said it was.
        priority: Why it comes where it does.
    """

    subject: str
    image: Digest
    kind: str
    said: str
    reason: str
    agent: str | None = None
    column: str | None = None
    recorded: str | None = None
    region: str | None = None
    confidence: str | None = None
    priority: Priority = _UNRANKED

    @property
    def fields(self) -> dict[str, Any]:
        """As JSON, without what has no value."""
        told: dict[str, Any] = {
            "type": "waiting", "subject": self.subject, "image": self.image.uri, "kind": self.kind,
            "said": self.said, "reason": self.reason, "agent": self.agent, "column": self.column,
            "recorded": self.recorded, "region": self.region, "confidence": self.confidence,
            "score": round(self.priority.score, 3),
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}


def waiting(
    node: Node, index: Index, members: MemberList | None = None, kinds: Sequence[str] = ()
) -> list[Waiting]:
    """Everything that waits, the most urgent first.

    Args:
        node: The node.
        index: Its index.
        members: Only what is about these images; None for all.
        kinds: Kinds of machines' findings that are to be looked at, too, as far as nobody decided about them.
    """
    store = ReviewStore(node.layout.reviews)
    decided = {review.subject for review in store.reviews()}
    found = [one for one in _said(store) if one.subject not in decided]
    found = [one for one in found if members is None or one.image in members]
    public = public_among(index, {one.image for one in found})
    asked = sorted({*kinds, *_OF_CONFLICTS})
    images = (Digest(row["digest"]) for row in index.rows(f"{_READ} ORDER BY digest", [asked]))
    wanted = [one for one in images if members is None or one in members]
    ranked = list(_ranked(index, [one for one in found if one.image in public]))
    for start in range(0, len(wanted), _BATCH):
        batch = sorted(public_among(index, wanted[start : start + _BATCH]))
        fresh = _undecided(index, _of_images(index, batch, asked, set(kinds)), decided, batch)
        ranked += _ranked(index, fresh)
    return sorted(ranked, key=lambda one: (-one.priority.score, one.subject, one.reason))


def _said(store: ReviewStore) -> Iterator[Waiting]:
    for one in store.annotations():
        if one.role not in DECIDES:
            told = dict(one.content)
            said = _words(told)
            yield Waiting(
                one.name.uri, one.image, told["kind"], said, "pending", one.agent, region=told.get("region"),
                confidence=told.get("confidence"),
            )  # fmt: skip


def _of_images(
    index: Index, images: Sequence[Digest], asked: Sequence[str], kinds: set[str]
) -> Iterator[Waiting]:
    records = records_of(index, images)
    rows = index.rows(_FINDINGS, [[one.raw for one in images], list(asked)])
    for raw, group in groupby(rows, key=lambda row: row["digest"]):
        image, findings = Digest(raw), list(group)
        yield from _conflicts(image, records.get(image, []), findings)
        for row in findings:
            if row["kind"] in kinds:
                yield Waiting(
                    _name(row), image, row["kind"], _words(row), "finding", region=row["region"],
                    confidence=row["confidence"],
                )  # fmt: skip


def _conflicts(image: Digest, records: Sequence[Record], rows: Sequence[dict[str, Any]]) -> Iterator[Waiting]:
    findings = [
        Said(_name(row), row["kind"], row["text"], row["region"], float(row["confidence"] or 1))
        for row in rows
        if row["kind"] in _OF_CONFLICTS and row["text"]
    ]
    kinds, sure = {one.subject: one.kind for one in findings}, {_name(row): row["confidence"] for row in rows}
    for one in conflicts_of(records, findings):
        yield Waiting(
            one.subject, image, kinds[one.subject], one.read, one.reason, None, one.column, one.recorded,
            one.region, sure[one.subject],
        )  # fmt: skip


def _undecided(
    index: Index, found: Iterable[Waiting], decided: set[str], images: Sequence[Digest]
) -> list[Waiting]:
    rows = index.rows(_DECIDED, [[one.raw for one in images]])
    known = decided | {row["subject"] for row in rows}
    return [one for one in found if one.subject not in known]


def _ranked(index: Index, found: Sequence[Waiting]) -> Iterator[Waiting]:
    records = records_of(index, sorted({one.image for one in found}))
    common = how_common(index, [record for shown in records.values() for record in shown])
    for one in found:
        shown = records.get(one.image, [])
        counts = [common[name] for record in shown if (name := taxon_of(record)) in common]
        urgency = priority(one.confidence, min(counts, default=0), is_type=is_type(shown))
        yield replace(one, priority=urgency)


def _name(row: dict[str, Any]) -> str:
    return Subject(Digest(row["key"]), row["place"]).text


def _words(told: dict[str, Any]) -> str:
    value = " ".join(str(told[name]) for name in ("value", "unit") if told.get(name))
    return str(told.get("text") or told.get("term") or value or told["kind"])
