"""Who may decide what, and what of it is published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.annotations import Subject
from node.review.errors import ReviewRefused
from node.review.publish import choose
from node.review.rules import DECIDES, Agent, Decision, Matter, Role, Standing, check_says, decided, is_ready
from node.review.store import KeptAnnotation, KeptReview

IMAGE, OTHER = Digest.of(b"image"), Digest.of(b"other")
IRIS = tuple(f"urn:uuid:{n}1111111-1111-4111-8111-111111111111" for n in range(3))
agents = st.builds(Agent, st.sampled_from(IRIS), st.sampled_from(Role))
decisions = st.builds(
    Decision, st.sampled_from(Standing), agents, st.none() | st.sampled_from(["why", "two\nlines"]),
    st.none() | st.just(Digest.of(b"better")), st.sampled_from([IMAGE, OTHER]),
)  # fmt: skip


@given(st.none() | st.sampled_from(IRIS), st.lists(decisions, max_size=8))
def test_a_matter_changes_only_by_decisions_that_hold_to_the_rules(
    author: str | None, asked: list[Decision]
) -> None:
    matter = Matter(Subject(Digest.of(b"said")), IMAGE, author)
    for decision in asked:
        before = matter
        try:
            matter = decided(matter, decision)
        except ReviewRefused:
            assert matter == before
            continue
        assert (matter.standing, matter.by) == (decision.standing, decision.agent.iri)
        assert (matter.subject, matter.image, matter.author) == (before.subject, IMAGE, author)
        assert matter.standing is not Standing.PENDING
        assert (matter.standing is Standing.AMENDED) == (decision.replacement is not None)
        own = author == decision.agent.iri
        assert decision.agent.role in DECIDES or (own and before.standing is Standing.PENDING)
        assert not (own and matter.standing is Standing.ACCEPTED)


def test_an_agent_has_to_be_named_as_may_be_published_and_readers_say_nothing() -> None:
    with pytest.raises(ReviewRefused, match="ORCID"):
        check_says(Agent("maria@museum.example", Role.OPERATOR))
    with pytest.raises(ReviewRefused, match="contributors"):
        check_says(Agent(IRIS[0], Role.READER))
    check_says(Agent(IRIS[0], Role.CONTRIBUTOR))


def _said(number: int, role: Role) -> KeptAnnotation:
    return KeptAnnotation(Digest.of(bytes([number])), IMAGE, IRIS[0], role, (("kind", "label"),))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["accepted", "rejected", "amended"])), max_size=9)
)
def test_nothing_is_published_without_what_it_is_about(asked: list[tuple[int, str]]) -> None:
    annotations = [_said(n, Role.CONTRIBUTOR if n % 2 else Role.REVIEWER) for n in range(6)]
    reviews = [
        KeptReview(annotations[n].name.uri, IMAGE, decision, IRIS[1], "2026-11-23T08:00:00Z", number=place)
        for place, (n, decision) in enumerate(asked, 1)
    ]
    chosen = choose(annotations, reviews)
    names = {one.name.uri for one in chosen.annotations}
    assert {one.subject for one in chosen.reviews} <= names
    last = dict(asked)
    for number, one in enumerate(annotations):
        standing = Standing(last.get(number, "pending"))
        assert (one.name.uri in names) == is_ready(one.role, standing)
        assert (
            one.role is not Role.CONTRIBUTOR or standing is not Standing.PENDING or one.name.uri not in names
        )
    assert chosen.waiting == sum(n not in last for n in (1, 3, 5))
