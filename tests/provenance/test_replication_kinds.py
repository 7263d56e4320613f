from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.filter import parse_filter
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import Statement, issue, new_statement_id, verify_statement
from provenance.statement.kinds import AuditReport, LogState, ReplicaClaim, Slice
from provenance.statement.kinds.audit_report import MOST_NAMED, Verdict, read_audit_report
from provenance.statement.kinds.replica_claim import read_replica_claim
from provenance.statement.kinds.slice import read_slice

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
A, B, C = (Digest.of(letter) for letter in (b"a", b"b", b"c"))
SLICE = Slice(
    id=new_statement_id(),
    agent=KEY.public,
    name="Oaks — all\nof them",
    filter=parse_filter('{"eq":{"field":"taxon","value":"Quercus \\"é\\" 𝄞"}}'),
    state=(LogState("a.example/log", 7, A), LogState("b.example/log", 12, B)),
    members=A,
    members_root=B,
    count=3,
    made=NOW,
    previous=C,
)
CLAIM = ReplicaClaim(new_statement_id(), KEY.public, A, B, 2, C, NOW)
REPORT = AuditReport(new_statement_id(), KEY.public, A, B, NOW, NOW, 299, 290, 5, 4, (A, B))


def signed(kind: Any) -> Statement:
    statement = issue(kind.document(), KEY, NOW)
    assert verify_statement(statement)
    return statement


def changed(kind: Any, **members: Any) -> Statement:
    document = {**signed(kind).document, **members}
    return Statement(canonical_json({n: v for n, v in document.items() if v is not None}), kind.id)


def test_a_slice_reads_back() -> None:
    assert read_slice(signed(SLICE)) == replace(SLICE, name="Oaks — all of them")
    first = replace(SLICE, previous=None, count=0, name="x")
    assert read_slice(signed(first)) == first


def test_the_logs_of_a_slice_come_in_the_order_of_their_origins() -> None:
    turned = replace(SLICE, state=SLICE.state[::-1])
    assert read_slice(signed(turned)).state == SLICE.state


@pytest.mark.parametrize(
    "members",
    [
        {"filter": '{"eq": {"field":"taxon","value":"a"}}'},
        {"filter": '{"eq":{"field":"nothing","value":"a"}}'},
        {"filter": ["{}"]},
        {"state": "x"},
        {"state": []},
        {"state": None},
        {"memberCount": "-1"},
        {"memberCount": "١"},
        {"membersRoot": "hash://sha256/00"},
        {"title": None},
        {"generatedAtTime": "never"},
        {"wasAttributedTo": "did:key:z"},
        {"type": "Crawl"},
    ],
)
def test_a_garbled_slice_is_refused(members: Any) -> None:
    with pytest.raises(MalformedStatement):
        read_slice(changed(SLICE, **members))


def test_a_slice_names_each_log_once() -> None:
    node = signed(SLICE).document["state"][0]
    with pytest.raises(MalformedStatement, match="once"):
        read_slice(changed(SLICE, state=[node, {**node, "logSize": "9"}]))


def test_a_claim_reads_back_with_or_without_what_is_missing() -> None:
    assert read_replica_claim(signed(CLAIM)) == CLAIM
    whole = replace(CLAIM, missing=None)
    assert read_replica_claim(signed(whole)) == whole
    assert whole.complete


@pytest.mark.parametrize(
    "members",
    [{"complete": True}, {"complete": None}, {"missing": None}, {"held": "x"}, {"slice": None}, {"held": 7}],
)
def test_a_garbled_claim_is_refused(members: Any) -> None:
    with pytest.raises(MalformedStatement):
        read_replica_claim(changed(CLAIM, **members))


def test_a_report_reads_back_and_its_verdict_follows_from_its_counts() -> None:
    assert read_audit_report(signed(REPORT)) == replace(REPORT, failed=tuple(sorted((A, B))))
    assert REPORT.verdict is Verdict.FAILED
    assert replace(REPORT, wrong=0).verdict is Verdict.UNANSWERED
    one = replace(REPORT, draws=299, right=299, wrong=0, unanswered=0, failed=(A,))
    assert one.verdict is Verdict.PASSED
    assert read_audit_report(signed(one)).failed == (A,)


@pytest.mark.parametrize("members", [{"verdict": "passed"}, {"counts": {}}, {"claim": None}, {"counts": "x"}])
def test_a_garbled_report_is_refused(members: Any) -> None:
    with pytest.raises(MalformedStatement):
        read_audit_report(changed(REPORT, **members))


def test_a_report_of_a_hopeless_claimant_stays_small() -> None:
    failed = tuple(sorted(Digest.of(b"%d" % n) for n in range(300)))
    report = read_audit_report(
        signed(replace(REPORT, draws=300, right=0, wrong=300, unanswered=0, failed=failed))
    )
    assert report.failed == failed[:MOST_NAMED]
