"""Publish what people said and decided: one append to the log, all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter
from manifests.tables import ANNOTATION, REVIEW
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.publish import staged
from node.review.rules import Standing, is_ready
from node.review.store import KeptAnnotation, KeptReview, ReviewStore
from node.track.finish import leaves_of
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import AnnotationSet, ReviewSet, ReviewTally

_ROWS = 4_096
_STANDS = """
SELECT 1 FROM own_review WHERE subject = ? AND decision = ? AND agent = ? AND reviewed = ? LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to.

    Attributes:
        statements: The statements; none if there was nothing.
        annotations: How many annotations came into the log.
        reviews: How many decisions did.
        waiting: How many annotations still wait for a reviewer.
        dropped: How many annotations and decisions went, since their images were withdrawn.
    """

    statements: tuple[Digest, ...] = ()
    annotations: int = 0
    reviews: int = 0
    waiting: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What of all that is kept is published now."""

    annotations: tuple[KeptAnnotation, ...]
    reviews: tuple[KeptReview, ...]
    waiting: int


def publish_reviews(node: Node, now: datetime | None = None) -> Published:
    """Publish what is ready.

    Killed before the append, nothing has happened; killed after it, the next call only lets go of what
    stands in the log.
    """
    store, moment = ReviewStore(node.layout.reviews), now or datetime.now(UTC)
    with node.writing():
        with node.index() as index:
            _forget_standing(index, store)
            dropped = _drop_hidden(index, store)
        chosen = choose(store.annotations(), store.reviews())
        statements, sealed = _statements(node, chosen, moment)
        if statements:
            node.store.commit([*sealed, *(staged(node, one.raw) for one in statements)])
            node.log.append([leaf.encode() for one in statements for leaf in leaves_of(one)])
            with node.index() as index:  # opening it brings it up to the log
                _forget_standing(index, store)
    digests = tuple(one.digest for one in statements)
    return Published(digests, len(chosen.annotations), len(chosen.reviews), chosen.waiting, dropped)


def choose(annotations: Sequence[KeptAnnotation], reviews: Sequence[KeptReview]) -> Choice:
    """What is published of what is kept. Pure.

    Annotations that are ready; what amends something; and decisions about all that is not kept back.
    """
    last = {review.subject: review.decision for review in reviews}
    amending = {review.replacement for review in reviews if review.replacement is not None}
    ready, kept_back = [], set[str]()
    for one in annotations:
        standing = Standing(last.get(one.name.uri, Standing.PENDING))
        if is_ready(one.role, standing) or one.name in amending:
            ready.append(one)
        else:
            kept_back.add(one.name.uri)
    told = tuple(review for review in reviews if review.subject not in kept_back)
    waiting = sum(name not in last for name in kept_back)
    return Choice(tuple(ready), told, waiting)


def _forget_standing(index: Index, store: ReviewStore) -> None:
    """Let go of what stands in the log: an earlier publication was killed before it could."""
    names = [one.name for one in store.annotations()]
    query = "SELECT DISTINCT annotation FROM own_annotation WHERE annotation IN (SELECT unnest(?::BLOB[]))"
    there = [Digest(row["annotation"]) for row in index.rows(query, [[name.raw for name in names]])]
    numbers = [
        one.number
        for one in store.reviews()
        if index.one(_STANDS, [one.subject, one.decision, one.agent, one.reviewed]) is not None
    ]
    if there or numbers:
        store.forget(there, numbers)


def _drop_hidden(index: Index, store: ReviewStore) -> int:
    """Images that were withdrawn or withheld take along what is kept of them."""
    annotations, reviews = store.annotations(), store.reviews()
    images = {one.image for one in annotations} | {one.image for one in reviews}
    public = public_among(index, images)
    names = [one.name for one in annotations if one.image not in public]
    numbers = [one.number for one in reviews if one.image not in public]
    if names or numbers:
        store.forget(names, numbers)
    return len(names) + len(numbers)


def _statements(node: Node, chosen: Choice, now: datetime) -> tuple[list[Statement], list[Sealed]]:
    software = ("vasculum", version("vasculum"))
    agent, statements, sealed = node.identity.public, list[Statement](), list[Sealed]()
    if chosen.annotations:
        segments, files = _written(node, ANNOTATION, [one.row for one in chosen.annotations])
        said = AnnotationSet(new_statement_id(), agent, software, now, segments, len(chosen.annotations))
        statements.append(issue(said.document(), node.identity, now))
        sealed += files
    if chosen.reviews:
        segments, files = _written(node, REVIEW, [one.row for one in chosen.reviews])
        count = Counter(one.decision for one in chosen.reviews)
        tally = ReviewTally(*(count[name] for name in ("accepted", "rejected", "amended")))
        reviewed = ReviewSet(new_statement_id(), agent, software, now, segments, tally)
        statements.append(issue(reviewed.document(), node.identity, now))
        sealed += files
    return statements, sealed


def _written(
    node: Node, schema: TableSchema, rows: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Segment, ...], list[Sealed]]:
    with SegmentWriter(node.store, schema, AccessClass.PUBLIC) as writer:
        for start in range(0, len(rows), _ROWS):
            batch = [dict(row) for row in rows[start : start + _ROWS]]
            writer.write(pa.RecordBatch.from_pylist(batch, schema=schema.arrow))
        finished = list(writer.finish())
    return tuple(segment for segment, _ in finished), [sealed for _, sealed in finished]
