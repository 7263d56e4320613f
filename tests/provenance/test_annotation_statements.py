"""Statements about what people said and decided are read back as they were, and name nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, segments_of, verify_statement
from provenance.statement.kinds import AnnotationSet, ReviewSet, ReviewTally
from provenance.statement.kinds.annotation_set import read_annotation_set
from provenance.statement.kinds.review_set import read_review_set

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
ONE = Digest.of(b"one")
SAID = AnnotationSet(
    new_statement_id(), KEY.public, ("vasculum", "1"), NOW,
    (Segment(ONE, "annotation", ONE, 7, ONE, AccessClass.PUBLIC),), 7,
)  # fmt: skip
DECIDED = ReviewSet(
    new_statement_id(), KEY.public, ("vasculum", "1"), NOW,
    (Segment(ONE, "review", ONE, 6, ONE, AccessClass.PUBLIC),), ReviewTally(1, 2, 3),
)  # fmt: skip


def test_a_set_of_annotations_is_read_back_as_it_was() -> None:
    statement = issue(SAID.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_annotation_set(statement) == replace(SAID, segments=())
    assert segments_of(statement) == SAID.segments


def test_a_set_of_reviews_is_read_back_as_it_was() -> None:
    statement = issue(DECIDED.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_review_set(statement) == replace(DECIDED, segments=())
    assert segments_of(statement) == DECIDED.segments


def test_no_person_is_named_in_either() -> None:
    for document in (SAID.document(), DECIDED.document()):
        assert "orcid" not in json.dumps(document)
        assert document["wasAssociatedWith"][0] == KEY.public.did


def test_one_kind_is_not_read_as_the_other() -> None:
    with pytest.raises(MalformedStatement, match="no ReviewSet"):
        read_review_set(issue(SAID.document(), KEY, NOW))
    with pytest.raises(MalformedStatement, match="no AnnotationSet"):
        read_annotation_set(issue(DECIDED.document(), KEY, NOW))
