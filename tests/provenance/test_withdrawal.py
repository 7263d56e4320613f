"""Whose notices of withdrawal count, and for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.access import AccessClass, segment_access
from manifests.segment import Segment
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, parse_statement, segments_of, verify_statement
from provenance.statement.kinds.withdrawal import (
    MOST_TARGETS,
    Choice,
    Reason,
    Replacement,
    Withdrawal,
    WithdrawalDecision,
    read_decision,
    read_withdrawal,
)
from provenance.withdrawal import Notice, choices, effects, remaining_rows, superseded

KEY, OTHER = SigningKey(b"w" * 32), SigningKey(b"o" * 32)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
OWN, THEIRS = "own.test/log", "theirs.test/log"
BLOB = Digest.of(b"a picture")


def segment(name: str, rows: int) -> Segment:
    digest = Digest.of(name.encode())
    return Segment(digest, "specimen", Digest.of(b"schema"), rows, digest, AccessClass.PUBLIC)


def notice(log: str = OWN, signer: SigningKey = KEY, **changes: object) -> Notice:
    made = Withdrawal(new_statement_id(), signer.public, NOW, (BLOB.uri,), Reason.RIGHTS)
    return Notice(log, signer.public.did, replace(made, **changes))  # type: ignore[arg-type]


def test_a_notice_survives_being_written_signed_and_read() -> None:
    old = segment("old", 5)
    made = Withdrawal(
        new_statement_id(), KEY.public, NOW, (BLOB.uri, f"{old.digest.uri}#row=2"), Reason.PERSONAL_DATA,
        "she asked", (Replacement(segment("new", 3), old.digest, (2, 4)),), (Digest.of(b"gone"),),
    )  # fmt: skip
    statement = issue(made.document(), KEY, NOW)
    verify_statement(statement)
    assert read_withdrawal(parse_statement(statement.raw)) == made
    assert segments_of(statement) == (made.replacements[0].segment,)


def test_a_decision_survives_being_written_signed_and_read() -> None:
    made = WithdrawalDecision(
        new_statement_id(), KEY.public, NOW, new_statement_id(), Choice.DELETE, "", (BLOB,)
    )
    statement = issue(made.document(), KEY, NOW)
    verify_statement(statement)
    assert read_decision(parse_statement(statement.raw)) == made


def test_neither_is_read_as_the_other() -> None:
    one = issue(notice().withdrawal.document(), KEY, NOW)
    with pytest.raises(MalformedStatement):
        read_decision(one)
    document = {**one.unsigned, "reason": "of-a-later-version"}
    assert read_withdrawal(issue(document, KEY, NOW)).reason is Reason.OTHER


@pytest.mark.parametrize("targets", [(), tuple([BLOB.uri] * (MOST_TARGETS + 1))])
def test_a_notice_names_something_and_not_too_much(targets: tuple[str, ...]) -> None:
    with pytest.raises(MalformedStatement, match="names"):
        replace(notice().withdrawal, targets=targets).document()


def test_a_publisher_takes_back_its_own_and_no_more() -> None:
    [effect] = effects([notice(THEIRS, OTHER)], OWN, frozenset(), {})
    assert (effect.reach, effect.choice) == (THEIRS, Choice.HIDE)


def test_an_authority_takes_back_everything() -> None:
    [effect] = effects([notice(THEIRS, OTHER)], OWN, {OTHER.public.did}, {})
    assert effect.reach is None


def test_an_authority_is_named_by_its_key_and_not_by_its_log() -> None:
    [effect] = effects([notice(THEIRS, KEY)], OWN, {OTHER.public.did}, {})
    assert effect.reach == THEIRS


def test_the_operators_last_decision_counts() -> None:
    told = notice(THEIRS, OTHER)
    decided = [
        WithdrawalDecision(new_statement_id(), KEY.public, NOW, told.withdrawal.id, choice)
        for choice in (Choice.DELETE, Choice.KEEP)
    ]
    assert effects([told], OWN, frozenset(), choices(decided)) == ()
    [effect] = effects([told], OWN, frozenset(), choices(reversed(decided)))
    assert effect.choice is Choice.DELETE


@given(
    st.lists(
        st.tuples(st.sampled_from([OWN, THEIRS]), st.booleans(), st.sampled_from([None, *Choice])), max_size=8
    ),
    st.booleans(),
)
def test_nothing_of_others_is_deleted_without_a_decision_and_no_stranger_reaches_ours(
    said: list[tuple[str, bool, Choice | None]], trusted: bool
) -> None:
    notices = [notice(log, OTHER if theirs else KEY) for log, theirs, _ in said]
    decided = {n.withdrawal.id: choice for n, (_, _, choice) in zip(notices, said, strict=True) if choice}
    authorities = frozenset({OTHER.public.did} if trusted else ())
    for effect in effects(notices, OWN, authorities, decided):
        if effect.choice is Choice.DELETE:
            assert decided[effect.notice.withdrawal.id] is Choice.DELETE
        if effect.notice.log == THEIRS and effect.notice.signer not in authorities:
            assert effect.reach == THEIRS


def test_of_two_replacements_the_last_stands_and_the_first_is_gone() -> None:
    old, one, two = Digest.of(b"old"), segment("one", 4), segment("two", 3)
    first = notice(replacements=(Replacement(one, old, (1,)),)).withdrawal
    second = notice(replacements=(Replacement(two, old, (1, 2)),)).withdrawal
    found = superseded([first, second])
    assert found == {one.digest: None, old: second.replacements[0]}
    assert superseded([first, notice(dropped=(old,)).withdrawal])[old] is None


@given(st.integers(1, 40).flatmap(lambda rows: st.tuples(st.just(rows), st.sets(st.integers(1, rows)))))
def test_rows_that_remain_keep_their_numbers(case: tuple[int, set[int]]) -> None:
    rows, omitted = case
    replacement = Replacement(segment("new", rows - len(omitted)), BLOB, tuple(sorted(omitted)))
    left = remaining_rows(replacement, rows)
    assert sorted({*left, *omitted}) == list(range(1, rows + 1))
    with pytest.raises(ValueError, match="cannot stand in"):
        remaining_rows(replacement, rows + 1)


def test_no_segment_is_written_as_withdrawn() -> None:
    assert segment_access("withheld") is AccessClass.WITHHELD
    with pytest.raises(ValueError, match="withdrawn"):
        segment_access("withdrawn")
