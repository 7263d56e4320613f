"""What people say and decide is kept, published once and whole, shown, and goes with its image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hashstore.digest import Digest
from manifests.annotations import annotation_name
from node.compose import Node
from node.errors import NotFound
from node.index import index_digest
from node.index.rebuild import rebuild_index
from node.look.describe import describe
from node.look.resolve import resolve
from node.policy import Principal
from node.review.deciding import Order, decide
from node.review.errors import ReviewRefused
from node.review.publish import Published, publish_reviews
from node.review.rules import Agent, Standing
from node.review.saying import Saying, check_saying, say
from node.review.store import ReviewStore
from node.withdrawal.publish import Order as Withdrawing
from node.withdrawal.publish import withdraw
from provenance.statement import parse_statement, verify_statement
from provenance.statement.kinds.withdrawal import Reason


def shown(node: Node, image: Digest) -> dict[str, Any]:
    with node.index() as index:
        return describe(node, index, resolve(node, index, image.uri), Principal.PUBLIC)


def label(image: Digest, text: str = "Quercus robur L.") -> Saying:
    return Saying(image, "describing", "label", "xywh=pixel:1,2,30,20", text=text, language="la")


def finding(node: Node, image: Digest) -> str:
    return str(shown(node, image)["analyses"][0]["findings"][0]["finding"])


def test_a_contributors_words_wait_and_a_reviewers_decision_takes_them_into_the_log(
    reviewed: Node, images: list[Digest], contributor: Agent, reviewer: Agent
) -> None:
    name, other, lost = (say(reviewed, label(images[n]), contributor) for n in (0, 1, 2))
    assert publish_reviews(reviewed) == Published(waiting=3)
    with pytest.raises(ReviewRefused, match="Only reviewers"):
        decide(reviewed, Order(finding(reviewed, images[0]), Standing.ACCEPTED, contributor))
    assert decide(reviewed, Order(name.uri, Standing.ACCEPTED, reviewer, "Read well.")).by == reviewer.iri
    better = label(images[1], "Quercus petraea L.")
    decide(reviewed, Order(other.uri, Standing.AMENDED, reviewer, better=better))
    decide(reviewed, Order(finding(reviewed, images[0]), Standing.REJECTED, reviewer))
    decide(reviewed, Order(lost.uri, Standing.REJECTED, reviewer))
    done = publish_reviews(reviewed)
    assert (len(done.statements), done.annotations, done.reviews, done.waiting) == (2, 3, 3, 0)
    for digest in done.statements:
        statement = parse_statement(reviewed.store.read(digest))
        assert verify_statement(statement)
        assert contributor.iri.encode() not in statement.raw
    told = shown(reviewed, images[0])
    (said,) = told["annotations"]
    assert (said["annotation"], said["agent"], said["text"]) == (
        name.uri,
        contributor.iri,
        "Quercus robur L.",
    )
    assert [one["decision"] for one in said["reviews"]] == ["accepted"]
    assert told["analyses"][0]["findings"][0]["reviews"][0]["decision"] == "rejected"
    amended, amending = shown(reviewed, images[1])["annotations"]
    assert amended["reviews"][0]["replacement"] == amending["annotation"]
    assert "annotations" not in shown(reviewed, images[2])
    assert publish_reviews(reviewed) == Published()


def test_a_publication_that_was_killed_before_it_could_forget_is_not_repeated(
    reviewed: Node, images: list[Digest], reviewer: Agent
) -> None:
    name = say(reviewed, label(images[0]), reviewer)
    decide(reviewed, Order(finding(reviewed, images[0]), Standing.ACCEPTED, reviewer))
    store = ReviewStore(reviewed.layout.reviews)
    kept, (review,) = store.annotation(name), store.reviews()
    assert kept is not None
    assert publish_reviews(reviewed).annotations == 1
    store.say(kept)
    store.decide(review.subject, lambda last: review, None)
    size = reviewed.reader.head().size
    assert publish_reviews(reviewed) == Published()
    assert reviewed.reader.head().size == size
    assert (store.annotations(), store.reviews()) == ([], [])


def test_later_decisions_hold_and_a_rebuilt_index_says_the_same(
    reviewed: Node, images: list[Digest], reviewer: Agent
) -> None:
    subject = finding(reviewed, images[0])
    other = replace(reviewer, iri="urn:uuid:21111111-1111-4111-8111-111111111111")
    decide(reviewed, Order(subject, Standing.ACCEPTED, reviewer))
    decide(reviewed, Order(subject, Standing.REJECTED, other))
    with pytest.raises(ReviewRefused, match="already"):
        decide(reviewed, Order(subject, Standing.REJECTED, other))
    publish_reviews(reviewed)
    with pytest.raises(ReviewRefused, match="already"):
        decide(reviewed, Order(subject, Standing.REJECTED, other))
    assert shown(reviewed, images[0])["analyses"][0]["findings"][0]["reviews"][0]["decision"] == "rejected"
    decide(reviewed, Order(subject, Standing.ACCEPTED, other, "I was wrong."))
    publish_reviews(reviewed)
    before = shown(reviewed, images[0])
    (review,) = before["analyses"][0]["findings"][0]["reviews"]
    assert (review["decision"], review["note"], review["agent"]) == ("accepted", "I was wrong.", other.iri)
    with reviewed.index() as index:
        grown = index_digest(index)
    assert rebuild_index(reviewed)[0] == grown
    assert shown(reviewed, images[0]) == before


def test_an_image_that_is_withdrawn_takes_what_was_said_of_it_along(
    reviewed: Node, images: list[Digest], contributor: Agent, reviewer: Agent
) -> None:
    say(reviewed, label(images[0]), reviewer)
    say(reviewed, label(images[1]), reviewer)
    decide(reviewed, Order(finding(reviewed, images[0]), Standing.ACCEPTED, reviewer))
    publish_reviews(reviewed)
    with reviewed.index() as index:
        (segment,) = index.rows("SELECT segment FROM leaf WHERE table_name = 'annotation'")
    subject = finding(reviewed, images[0])
    pending = say(reviewed, label(images[0], "More."), contributor)
    withdraw(reviewed, Withdrawing(images[0].uri, Reason.RIGHTS))
    with reviewed.index() as index:
        for table in ("annotation", "review"):
            rows = index.rows(f"SELECT access FROM {table} WHERE digest = ?", [images[0].raw])
            assert {row["access"] for row in rows} == {"withdrawn"}
        leaf = index.one("SELECT access FROM leaf WHERE segment = ?", [segment["segment"]])
    assert leaf == {"access": "withdrawn"}, "the segment that tells of it must not be served any more"
    assert len(shown(reviewed, images[1])["annotations"]) == 1
    for name in (subject, pending.uri):
        with pytest.raises(NotFound):
            decide(reviewed, Order(name, Standing.ACCEPTED, reviewer))
    with pytest.raises(NotFound):
        say(reviewed, label(images[0]), reviewer)
    assert publish_reviews(reviewed).dropped == 1
    assert ReviewStore(reviewed.layout.reviews).annotations() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"region": "xywh=pixel:30,20,30,20"}, "outside the picture"),
        ({"region": "xywh=pixel:1,2"}, "no region"),
        ({"confidence": "NaN"}, "plain decimal"),
        ({"confidence": "1.5"}, "between 0 and 1"),
        ({"term": "no iri"}, "no IRI"),
        ({"motivation": "boasting"}, "no motivation"),
        ({"kind": "A label"}, "no kind"),
        ({"text": None, "region": None}, "says nothing"),
        ({"text": "two\nlines"}, "without controls"),
    ],
)
def test_what_cannot_be_published_is_refused_at_once(change: dict[str, Any], words: str) -> None:
    saying = label(Digest.of(b"image"))
    check_saying(saying, (40, 30))
    with pytest.raises(ReviewRefused, match=words):
        check_saying(replace(saying, **change), (40, 30))


def test_a_row_under_another_name_than_its_contents_is_passed_over(
    reviewed: Node, images: list[Digest], reviewer: Agent
) -> None:
    say(reviewed, label(images[0]), reviewer)
    store = ReviewStore(reviewed.layout.reviews)
    (kept,) = store.annotations()
    assert annotation_name(kept.row) == kept.name
    store.say(replace(kept, name=Digest.of(b"another's")))
    publish_reviews(reviewed)
    assert [one["annotation"] for one in shown(reviewed, images[0])["annotations"]] == [kept.name.uri]
