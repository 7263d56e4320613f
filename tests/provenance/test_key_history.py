"""Key histories: laws by Hypothesis against a simple model, then each attack by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provenance.errors import BadKeyChange, BadSignature, MalformedStatement
from provenance.key_history import KeyHistory, fold_history
from provenance.key_strangers import strangers
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import (
    KeyChange,
    KeyRevocation,
    KeyRole,
    LogDescription,
    LogSuccessor,
    key_commitment,
)
from provenance.statement.signers import signers_of
from provenance.succession import check_succession

ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@cache
def key(number: int) -> SigningKey:
    return SigningKey(number.to_bytes(32))


def described(
    identity: int = 0, log: int = 100, next_identity: int | None = 1, next_log: int | None = 101,
    origin: str = ORIGIN,
) -> Statement:  # fmt: skip
    made = LogDescription(
        new_statement_id(),
        VerifierKey(origin, key(log).public),
        key(identity).public,
        "Museum",
        NOW,
        None if next_identity is None else key_commitment(key(next_identity).public),
        None if next_log is None else key_commitment(key(next_log).public),
    )
    return issue(made.document(), key(identity), NOW)


def change(
    role: KeyRole, old: int, new: int, after: int | None, *signers: int, origin: str = ORIGIN
) -> Statement:
    promised = None if after is None else key_commitment(key(after).public)
    made = KeyChange(new_statement_id(), origin, role, key(old).public, key(new).public, NOW, promised)
    return issue(made.document(), key(signers[0]), NOW, *(key(number) for number in signers[1:]))


def revocation(role: KeyRole, revoked: int, void_from: int, *signers: int, origin: str = ORIGIN) -> Statement:
    made = KeyRevocation(new_statement_id(), origin, role, key(revoked).public, void_from, NOW)
    return issue(made.document(), key(signers[0]), NOW, *(key(number) for number in signers[1:]))


IDENTITY, LOG = KeyRole.IDENTITY, KeyRole.LOG


@dataclass
class Model:
    """Who may sign each place, as a plain list: what a history has to answer."""

    identities: list[int] = field(default_factory=lambda: [0])
    logs: list[int] = field(default_factory=lambda: [100, 100])
    void: dict[tuple[KeyRole, int], int] = field(default_factory=dict)


class KeyHistories(RuleBasedStateMachine):
    """A log whose keys change, are revoked and are attacked, beside one number for each place."""

    @initialize(committed=st.booleans())
    def begin(self, committed: bool) -> None:
        self.history = KeyHistory.begin(
            described(next_identity=1 if committed else None, next_log=101 if committed else None)
        )
        self.model = Model()
        self.identity, self.log = 0, 100

    def _grow(self) -> int:
        """One more leaf: who signs it, and who signs the checkpoint with it, is who did so before."""
        index = self.history.folded
        self.model.identities.append(self.identity)
        self.model.logs.append(self.log)
        return index

    @rule(committed=st.booleans())
    def change_identity(self, committed: bool) -> None:
        index, new = self._grow(), self.identity + 1
        statement = change(IDENTITY, self.identity, new, new + 1 if committed else None, self.identity, new)
        self.history = self.history.advance(index, statement)
        self.identity = new

    @rule(committed=st.booleans())
    def change_log(self, committed: bool) -> None:
        index, new = self._grow(), self.log + 1
        statement = change(LOG, self.log, new, new + 1 if committed else None, self.identity)
        self.history = self.history.advance(index, statement)
        self.log = self.model.logs[-1] = new

    @rule(role=st.sampled_from(KeyRole), data=st.data())
    def revoke_a_former_key(self, role: KeyRole, data: st.DataObject) -> None:
        now = self.identity if role is IDENTITY else self.log
        places = self.model.identities if role is IDENTITY else self.model.logs
        former = [n for n in dict.fromkeys(places) if n != now and (role, n) not in self.model.void]
        if not former:
            return
        revoked = data.draw(st.sampled_from(former))
        active = [place for place, number in enumerate(places) if number == revoked]
        void = data.draw(st.integers(max(1, active[0]), active[-1] + 1))
        index = self._grow()
        alone = revocation(role, revoked, void, self.identity)
        if self.history.next_identity is not None:
            with pytest.raises(BadKeyChange, match="next identity key"):
                self.history.advance(index, alone)
            alone = revocation(role, revoked, void, self.identity, self.identity + 1)
        self.history = self.history.advance(index, alone)
        self.model.void[role, revoked] = void

    @rule()
    def state_something_else(self) -> None:
        self.history = self.history.advance(self._grow(), described())

    @rule(role=st.sampled_from(KeyRole), thief=st.integers(0, 5))
    def steal_a_former_key(self, role: KeyRole, thief: int) -> None:
        if thief == self.identity:
            return
        old = self.identity if role is IDENTITY else self.log
        forged = change(role, old, 999, None, thief, 999)
        with pytest.raises(BadKeyChange):
            self.history.advance(self.history.folded, forged)

    @rule(role=st.sampled_from(KeyRole))
    def steal_the_present_key(self, role: KeyRole) -> None:
        promised = self.history.next_identity if role is IDENTITY else self.history.next_log
        old = self.identity if role is IDENTITY else self.log
        if promised is not None:
            forged = change(role, old, 999, None, self.identity, 999)
            with pytest.raises(BadKeyChange, match="committed"):
                self.history.advance(self.history.folded, forged)

    @invariant()
    def each_place_has_the_key_of_the_model(self) -> None:
        for index, number in enumerate(self.model.identities):
            assert self.history.identity_at(index) == key(number).public
            void = self.model.void.get((IDENTITY, number))
            assert self.history.counts(key(number).public, index) == (void is None or index < void)
        for size, number in enumerate(self.model.logs):
            assert self.history.log_key_at(size).key == key(number).public
            void = self.model.void.get((LOG, number))
            assert self.history.log_counts(key(number).public, size) == (void is None or size < void)
        assert not self.history.counts(key(999).public, self.history.folded)


TestKeyHistories = KeyHistories.TestCase
TestKeyHistories.settings = settings(max_examples=12, stateful_step_count=8, deadline=None)


def test_a_statement_counts_by_the_key_of_its_place() -> None:
    history = fold_history(described(), [(3, change(IDENTITY, 0, 1, 2, 0, 1))])
    other = issue(described().unsigned, key(0), NOW)
    history.check_signer(3, other)
    with pytest.raises(BadSignature, match="not signed by"):
        history.check_signer(4, other)
    revoked = history.advance(5, revocation(IDENTITY, 0, 2, 1, 2))
    revoked.check_signer(1, other)
    with pytest.raises(BadSignature, match="revoked"):
        revoked.check_signer(2, other)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (lambda: change(IDENTITY, 0, 1, 2, 0), "did not sign"),
        (lambda: change(IDENTITY, 0, 1, 2, 1), "not signed by"),
        (lambda: change(IDENTITY, 0, 7, 2, 0, 7), "committed"),
        (lambda: change(LOG, 100, 7, 2, 0, 7), "committed"),
        (lambda: change(LOG, 100, 101, 2, 100, 101), "not signed by"),
        (lambda: change(LOG, 99, 101, 2, 0), "not the active one"),
        (lambda: change(IDENTITY, 0, 1, 2, 0, 1, origin="other.example/log"), "repeats"),
        (lambda: change(IDENTITY, 0, 0, 2, 0), "used before"),
        (lambda: revocation(IDENTITY, 0, 1, 0, 1), "no former"),
        (lambda: revocation(LOG, 7, 1, 0, 1), "no former"),
    ],
)
def test_a_change_that_may_not_be_made_is_refused(statement: object, why: str) -> None:
    assert callable(statement)
    with pytest.raises(BadKeyChange, match=why):
        KeyHistory.begin(described()).advance(1, statement())


def test_a_revocation_is_refused_where_the_key_was_not_active_or_twice() -> None:
    history = fold_history(described(), [(3, change(IDENTITY, 0, 1, 2, 0, 1))])
    for void in (0, 5):
        with pytest.raises(BadKeyChange, match="not active"):
            history.advance(4, revocation(IDENTITY, 0, void, 1, 2))
    with pytest.raises(BadKeyChange, match="not signed by"):
        history.advance(4, revocation(IDENTITY, 0, 2, 0, 2))
    with pytest.raises(BadKeyChange, match="repeats"):
        history.advance(4, revocation(IDENTITY, 0, 2, 1, 2, origin="other.example/log"))
    history = history.advance(4, revocation(IDENTITY, 0, 2, 1, 2))
    with pytest.raises(BadKeyChange, match="twice"):
        history.advance(5, revocation(IDENTITY, 0, 1, 1, 2))
    with pytest.raises(BadKeyChange, match="already"):
        history.advance(4, described())


def test_who_has_only_the_present_key_takes_nothing_back() -> None:
    changed = change(IDENTITY, 0, 1, 2, 0, 1)
    history = fold_history(described(), [(3, changed), (4, change(LOG, 100, 101, 102, 1))])
    for role, former in ((IDENTITY, 0), (LOG, 100)):
        for signers in ((1,), (1, 0), (1, 9)):
            with pytest.raises(BadKeyChange, match="next identity key"):
                history.advance(5, revocation(role, former, 1, *signers))
        assert history.advance(5, revocation(role, former, 1, 1, 2)).folded == 6
    bare = fold_history(described(), [(3, change(IDENTITY, 0, 1, None, 0, 1))])
    assert bare.advance(4, revocation(IDENTITY, 0, 1, 1)).void_leaves == (range(1, 4),)


def test_only_a_change_and_a_revocation_have_a_second_signer() -> None:
    changed, revoked = change(IDENTITY, 0, 1, 2, 0, 1), revocation(IDENTITY, 0, 2, 1, 2)
    then = fold_history(described(), [(3, changed), (4, revoked)])
    later = then.advance(5, change(IDENTITY, 1, 2, 3, 1, 2))
    twice = issue(described().unsigned, key(1), NOW, key(2))
    for history in (then, later):
        for index, statement in ((3, changed), (4, revoked)):
            assert strangers(history, index, statement, signers_of(statement)) == frozenset()
        assert strangers(history, 4, twice, signers_of(twice)) == {key(2).public}
        assert strangers(history, 4, revoked, frozenset({key(1).public, key(9).public})) == {key(9).public}


def test_a_description_that_its_own_key_did_not_sign_begins_nothing() -> None:
    with pytest.raises(BadSignature):
        KeyHistory.begin(issue(described().unsigned, key(5), NOW))
    with pytest.raises(MalformedStatement):
        KeyHistory.begin(change(IDENTITY, 0, 1, 2, 0, 1))


def signed(size: int, number: int, origin: str = ORIGIN) -> bytes:
    return Checkpoint(origin, TreeHead(size, bytes(32))).sign(key(number))


def test_a_checkpoint_counts_by_the_log_key_of_its_size() -> None:
    history = fold_history(described(), [(3, change(LOG, 100, 101, 102, 0))])
    for size, number in ((1, 100), (3, 100), (4, 101), (9, 101)):
        assert history.open_checkpoint(signed(size, number)).head.size == size
    for size, number in ((3, 101), (4, 100), (9, 100)):
        with pytest.raises(BadSignature):
            history.open_checkpoint(signed(size, number))
    with pytest.raises(BadSignature, match=r"other\.example"):
        history.open_checkpoint(signed(4, 101, "other.example/log"))
    revoked = history.advance(4, revocation(LOG, 100, 2, 0, 1))
    with pytest.raises(BadSignature, match="revoked"):
        revoked.open_checkpoint(signed(2, 100))


def test_a_revoked_key_vouches_only_for_what_is_older() -> None:
    history = fold_history(
        described(), [(3, change(IDENTITY, 0, 1, 2, 0, 1)), (4, revocation(IDENTITY, 0, 2, 1, 2))]
    )
    assert history.vouches(key(0).public, 1)
    assert not history.vouches(key(0).public, 2)
    assert history.vouches(key(1).public, 0)
    assert history.vouches(key(100).public, 9)
    assert not history.vouches(key(9).public, 0)


def succession(signer: int, predecessor: str = ORIGIN, origin: str = "museum.example/log2") -> Statement:
    made = LogSuccessor(new_statement_id(), origin, predecessor, TreeHead(7, bytes(32)), NOW)
    return issue(made.document(), key(signer), NOW)


def test_a_log_is_continued_by_the_key_it_had_committed_to_and_no_other() -> None:
    old = KeyHistory.begin(described())
    heir = KeyHistory.begin(described(identity=1, log=200, origin="museum.example/log2"))
    assert check_succession(old, heir, succession(1)).head == TreeHead(7, bytes(32))
    thief = KeyHistory.begin(described(identity=0, log=200, origin="museum.example/log2"))
    with pytest.raises(BadKeyChange, match="committed"):
        check_succession(old, thief, succession(0))
    with pytest.raises(BadSignature):
        check_succession(old, heir, succession(0))
    with pytest.raises(BadKeyChange, match="is about"):
        check_succession(old, heir, succession(1, predecessor="third.example/log"))


def test_a_log_that_committed_to_nothing_is_continued_by_its_active_key() -> None:
    old = KeyHistory.begin(described(next_identity=None))
    heir = KeyHistory.begin(described(identity=0, log=200, origin="museum.example/log2"))
    assert check_succession(old, heir, succession(0)).predecessor == ORIGIN
    stranger = KeyHistory.begin(described(identity=5, log=200, origin="museum.example/log2"))
    with pytest.raises(BadKeyChange):
        check_succession(old, stranger, succession(5))
