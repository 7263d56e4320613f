"""Statements about bundles are read back as they were, and lose nothing as JSON-LD."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hashstore.digest import Digest
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, verify_statement
from provenance.statement.kinds import (
    BundleChoice,
    BundleDecision,
    BundleSubmission,
    BundleTest,
    UsedAnalyzer,
)
from provenance.statement.kinds.bundle import (
    read_bundle_decision,
    read_bundle_submission,
    read_bundle_test,
)
from provenance.statement.kinds.reproduction import OUTCOMES

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
ONE, OTHER = Digest.of(b"one"), Digest.of(b"other")
USED = UsedAnalyzer("facts", "1", ONE, OTHER, (ONE,), ONE, "bitwise", {"a": "2"}, "Linux")
SUBMISSION = BundleSubmission(new_statement_id(), KEY.public, NOW, ONE, "facts", "1", (ONE, OTHER))
TEST = BundleTest(
    id=new_statement_id(), agent=KEY.public, software=("vasculum", "1"), bundle=ONE, analyzer=USED,
    started=NOW, ended=NOW, outcome="identical", identical=5, within=0, different=0, missing=0,
)  # fmt: skip
DECISION = BundleDecision(new_statement_id(), KEY.public, NOW, ONE, BundleChoice.APPROVED, OTHER)


@pytest.mark.parametrize("parts", [(ONE,), (ONE, OTHER)])
def test_a_submission_is_read_back_as_it_was(parts: tuple[Digest, ...]) -> None:
    said = replace(SUBMISSION, parts=parts)
    statement = issue(said.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_bundle_submission(statement) == said


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_test_is_read_back_as_it_was_and_two_outcomes_pass(outcome: str) -> None:
    said = replace(TEST, outcome=outcome)
    statement = issue(said.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_bundle_test(statement) == said
    assert said.passed == (outcome in ("identical", "within-tolerance"))


@pytest.mark.parametrize("choice", BundleChoice)
def test_a_decision_is_read_back_as_it_was(choice: BundleChoice) -> None:
    said = replace(DECISION, choice=choice)
    statement = issue(said.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_bundle_decision(statement) == said


def test_what_nobody_can_have_decided_and_other_kinds_are_refused() -> None:
    with pytest.raises(MalformedStatement, match="perhaps"):
        read_bundle_decision(issue({**DECISION.document(), "decision": "perhaps"}, KEY, NOW))
    with pytest.raises(MalformedStatement, match="no BundleTest"):
        read_bundle_test(issue(SUBMISSION.document(), KEY, NOW))
    with pytest.raises(MalformedStatement, match="outcome"):
        read_bundle_test(issue({**TEST.document(), "outcome": "splendid"}, KEY, NOW))
