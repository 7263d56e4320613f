"""Decide about a finding or an annotation: kept at once, published later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from hashstore.digest import Digest
from manifests.annotations import Subject, parse_subject
from node.compose import Node
from node.errors import NotFound
from node.index import Index
from node.look.access import public_among
from node.review.rules import Agent, Decision, Matter, Standing, decided
from node.review.saying import Saying, kept_annotation, size_of, time_of
from node.review.store import KeptReview, ReviewStore

_FINDING = "SELECT digest FROM finding WHERE key = ? AND place = ? AND access = 'public' LIMIT 1"
_ANNOTATION = "SELECT digest, agent FROM annotation WHERE annotation = ? AND access = 'public' LIMIT 1"
_DECIDED = (
    "SELECT decision, agent FROM own_review WHERE subject = ? AND access = 'public' "
    "ORDER BY log_index DESC, row DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody decides.

    Attributes:
        subject: The name of the finding or annotation.
        standing: How it is to stand.
        agent: Who decides.
        note: Why, in words; published.
        better: What says it better, if it is amended.
    """

    subject: str
    standing: Standing
    agent: Agent
    note: str | None = None
    better: Saying | None = None


def decide(node: Node, order: Order, now: datetime | None = None) -> Matter:
    """Keep a decision; durable when this returns. Of two at once the later one knows of the earlier.

    Returns:
        How the matter stands now.

    Raises:
        ReviewRefused: this agent may not decide that, or the decision is not whole.
        NotFound: nothing here has that name, or everybody may not see its image.
        InvalidRow: the name is none.
    """
    subject, moment = parse_subject(order.subject), now or datetime.now(UTC)
    store = ReviewStore(node.layout.reviews)
    published = published_matter(node, store, subject)
    better = None
    if order.better is not None:
        better = kept_annotation(order.better, order.agent, moment, size_of(node, order.better.image))
    named = (better.name, better.image) if better else (None, None)
    decision = Decision(order.standing, order.agent, order.note, *named)
    made: list[Matter] = []

    def judge(last: KeptReview | None) -> KeptReview:
        made.append(decided(standing_now(published, last), decision))
        return KeptReview(
            subject.text, published.image, decision.standing.value, order.agent.iri, time_of(moment),
            order.note, named[0],
        )  # fmt: skip

    store.decide(subject.text, judge, better)
    return made[0]


def standing_now(published: Matter, last: KeptReview | None) -> Matter:
    """A matter with the decision that is not published yet. Pure."""
    if last is None:
        return published
    return Matter(published.subject, published.image, published.author, Standing(last.decision), last.agent)


def published_matter(node: Node, store: ReviewStore, subject: Subject) -> Matter:
    """A matter as the log has it, or as it is kept.

    Raises:
        NotFound: nothing here has that name, or everybody may not see its image.
    """
    with node.index() as index:
        found = _found(index, store, subject)
        if found is None or found[0] not in public_among(index, [found[0]]):
            raise NotFound(f"No finding and no annotation here is named {subject.text}.")
        row = index.one(_DECIDED, [subject.text])
    standing = (Standing(row["decision"]), row["agent"]) if row else (Standing.PENDING, None)
    return Matter(subject, *found, *standing)


def _found(index: Index, store: ReviewStore, subject: Subject) -> tuple[Digest, str | None] | None:
    if subject.place is not None:
        row = index.one(_FINDING, [subject.digest.raw, subject.place])
        return (Digest(row["digest"]), None) if row else None
    if (kept := store.annotation(subject.digest)) is not None:
        return kept.image, kept.agent
    row = index.one(_ANNOTATION, [subject.digest.raw])
    return (Digest(row["digest"]), row["agent"]) if row else None
