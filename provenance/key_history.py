"""Which keys a log had when: the fold of its key statements, in log order (spec/keys.md).

A log's first leaf names its identity key and its log key, and may commit to the next ones by digest. A
change counts only if the active identity key signed it, and if the new key is the one committed to; a
revocation only if the next identity key signed it, too. Who steals a current key can do neither; who steals
a former one gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from hashstore.digest import Digest
from provenance.cosignature import CosignerKey
from provenance.errors import BadKeyChange, BadSignature
from provenance.key_spans import KeySpan, counts_at, span_at
from provenance.keys import PublicKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, parse_checkpoint_text
from provenance.log.note import parse_note
from provenance.statement.kinds.key_change import KeyChange, KeyRole, read_key_change
from provenance.statement.kinds.key_revocation import KeyRevocation, read_key_revocation
from provenance.statement.kinds.log_description import read_log_description
from provenance.statement.kinds.reading import key_commitment
from provenance.statement.signers import check_signed, signers_of
from provenance.statement.statement import Statement

KEY_KINDS: Final = frozenset({"KeyChange", "KeyRevocation"})
"""The kinds, besides the description at leaf 0, that change a log's keys."""


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """The keys of one log, up to some leaf.

    Attributes:
        origin: the log's name.
        institution: who keeps the log, as it says itself.
        identities: the identity keys, in order; the last one is active.
        logs: the log keys, in order; the last one is active.
        next_identity: what the next identity key is committed to, where it is.
        next_log: what the next log key is committed to, where it is.
        post_quantum: the ML-DSA-44 keys of the log, each with the first tree size that it may sign.
        folded: how many leaves this history takes into account.
    """

    origin: str
    institution: str
    identities: tuple[KeySpan, ...]
    logs: tuple[KeySpan, ...]
    next_identity: Digest | None = None
    next_log: Digest | None = None
    post_quantum: tuple[tuple[int, CosignerKey], ...] = ()
    folded: int = 1

    @classmethod
    def begin(cls, description: Statement) -> KeyHistory:
        """The history as the log's first leaf has it.

        Raises:
            MalformedStatement: it is no log description.
            BadSignature: the identity key that it names did not sign it.
        """
        said = read_log_description(description)
        check_signed(description, said.identity)
        return cls(
            origin=said.log_key.name,
            institution=said.institution,
            identities=(KeySpan(said.identity, 0),),
            logs=(KeySpan(said.log_key.key, 0),),
            next_identity=said.next_identity,
            next_log=said.next_log,
            post_quantum=() if said.post_quantum is None else ((0, said.post_quantum),),
        )

    def advance(self, index: int, statement: Statement) -> KeyHistory:
        """The history with one more statement of the log, which may be of any kind.

        Args:
            index: the place of the leaf that names it; places only rise.
            statement: the statement.

        Raises:
            BadKeyChange: it changes keys and may not: whoever follows this log should go no further.
            StatementError, BadSignature: it is damaged, or a proof of it does not hold.
        """
        if index < self.folded:
            raise BadKeyChange(f"Leaf {index} of {self.origin} was taken into account already.")
        types = statement.types
        if "KeyChange" in types:
            return self._changed(index, read_key_change(statement), signers_of(statement))
        if "KeyRevocation" in types:
            return self._revoked(index, read_key_revocation(statement), signers_of(statement))
        return replace(self, folded=index + 1)

    @property
    def identity(self) -> PublicKey:
        """The active identity key."""
        return self.identities[-1].key

    @property
    def log_key(self) -> VerifierKey:
        """The active log key under the log's origin."""
        return VerifierKey(self.origin, self.logs[-1].key)

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Every key that the log ever had, under its origin."""
        return tuple(VerifierKey(self.origin, span.key) for span in self.logs)

    @property
    def void_leaves(self) -> tuple[range, ...]:
        """Where in the log no statement counts, since its identity key of then was revoked back to there."""
        return tuple(
            range(span.void_from, after.start)
            for span, after in pairwise(self.identities)
            if span.void_from is not None and span.void_from < after.start
        )

    def identity_at(self, index: int) -> PublicKey:
        """The identity key that has to sign the statement of a leaf."""
        return span_at(self.identities, index).key

    def log_key_at(self, size: int) -> VerifierKey:
        """The log key that has to sign a checkpoint of a size: the one that its leaves lead to."""
        return VerifierKey(self.origin, span_at(self.logs, size).key)

    def counts(self, key: PublicKey, index: int) -> bool:
        """Whether an identity key's signature counts for the statement of a leaf."""
        return counts_at(self.identities, key, index)

    def log_counts(self, key: PublicKey, size: int) -> bool:
        """Whether a log key's signature counts under a checkpoint of a size."""
        return counts_at(self.logs, key, size)

    def next_identity_agrees(self, signers: frozenset[PublicKey]) -> bool:
        """Whether the identity key that the log is committed to, if to any, is among the signers."""
        return self.next_identity is None or self.next_identity in map(key_commitment, signers)

    def vouches(self, key: PublicKey, index: int) -> bool:
        """Whether one who trusts `key` has reason to believe the leaf at `index`.

        Any key of the history will do, as each one led to the next; a revoked one only for what is older.
        """
        spans = [span for span in (*self.identities, *self.logs) if span.key == key]
        return any(span.void_from is None or index < span.void_from for span in spans)

    def check_signer(self, index: int, statement: Statement) -> None:
        """Checks that a leaf's statement is signed by the identity key of then.

        Raises:
            BadSignature: it is not, or that key's signature counted no more.
        """
        key = self.identity_at(index)
        check_signed(statement, key)
        if not self.counts(key, index):
            raise BadSignature(f"The key that signed leaf {index} of {self.origin} was revoked: {key.did}.")

    def open_checkpoint(self, data: bytes) -> Checkpoint:
        """Reads a checkpoint of this log and checks that the log key of its size signed it.

        The history has to reach as far as the checkpoint: a key statement that it lacks changes the answer.

        Raises:
            MalformedNote: it is no checkpoint.
            BadSignature: it is another log's, or that key did not sign it, or it was revoked.
        """
        note = parse_note(data)
        checkpoint = parse_checkpoint_text(note.text)
        key = self.log_key_at(checkpoint.head.size)
        if checkpoint.origin != self.origin:
            raise BadSignature(f"The checkpoint is of the log {checkpoint.origin}, not of {self.origin}.")
        note.verify([key])
        if not self.log_counts(key.key, checkpoint.head.size):
            raise BadSignature(f"The key of {self.origin} that signed the checkpoint was revoked: {key}.")
        return checkpoint

    def _changed(self, index: int, change: KeyChange, signers: frozenset[PublicKey]) -> KeyHistory:
        spans, promised = self._of(change.role)
        self._check_authority(index, change.origin, signers)
        if change.old != spans[-1].key:
            raise BadKeyChange(f"Leaf {index} of {self.origin} changes a key that is not the active one.")
        if any(span.key == change.new for span in (*self.identities, *self.logs)):
            raise BadKeyChange(f"Leaf {index} of {self.origin} changes to a key that was used before.")
        if promised is not None and key_commitment(change.new) != promised:
            raise BadKeyChange(
                f"Leaf {index} of {self.origin} changes its {change.role} key to {change.new.did}, which is "
                "not the one it had committed to. Someone else may have the present key."
            )
        if change.role is KeyRole.IDENTITY and change.new not in signers:
            raise BadKeyChange(
                f"Leaf {index} of {self.origin}: the new identity key did not sign the change."
            )
        grown = (*spans, KeySpan(change.new, index + 1, committed=promised is not None))
        if change.role is KeyRole.IDENTITY:
            return replace(self, identities=grown, next_identity=change.next, folded=index + 1)
        added = () if change.post_quantum is None else ((index + 1, change.post_quantum),)
        return replace(
            self,
            logs=grown,
            next_log=change.next,
            post_quantum=self.post_quantum + added,
            folded=index + 1,
        )

    def _revoked(self, index: int, revocation: KeyRevocation, signers: frozenset[PublicKey]) -> KeyHistory:
        spans, _ = self._of(revocation.role)
        self._check_authority(index, revocation.origin, signers)
        former = next((pair for pair in pairwise(spans) if pair[0].key == revocation.key), None)
        if former is None:
            raise BadKeyChange(
                f"Leaf {index} of {self.origin} revokes a key that is no former {revocation.role} key of it."
            )
        if not self.next_identity_agrees(signers):
            raise BadKeyChange(
                f"Leaf {index} of {self.origin} revokes a key, and the next identity key, to which the log "
                "is committed, did not sign it. Someone else may have the present key."
            )
        span, after = former
        if span.void_from is not None or not max(1, span.start) <= revocation.void_from <= after.start:
            raise BadKeyChange(
                f"Leaf {index} of {self.origin} revokes a key from {revocation.void_from} on, when it was "
                "not active, or revokes it twice."
            )
        voided = replace(span, void_from=revocation.void_from)
        found = tuple(voided if each is span else each for each in spans)
        if revocation.role is KeyRole.IDENTITY:
            return replace(self, identities=found, folded=index + 1)
        return replace(self, logs=found, folded=index + 1)

    def _of(self, role: KeyRole) -> tuple[tuple[KeySpan, ...], Digest | None]:
        if role is KeyRole.IDENTITY:
            return self.identities, self.next_identity
        return self.logs, self.next_log

    def _check_authority(self, index: int, origin: str, signers: frozenset[PublicKey]) -> None:
        if origin != self.origin:
            raise BadKeyChange(f"Leaf {index} of {self.origin} repeats a key statement of the log {origin}.")
        if self.identity not in signers:
            raise BadKeyChange(
                f"Leaf {index} of {self.origin} changes keys and is not signed by {self.identity.did}."
            )


def fold_history(description: Statement, statements: Iterable[tuple[int, Statement]]) -> KeyHistory:
    """The history of a log from its first statement and, in log order, its key statements with their places.

    Raises:
        BadKeyChange: a change of keys may not be made.
        StatementError, BadSignature: a statement is damaged, or a proof does not hold.
    """
    history = KeyHistory.begin(description)
    for index, statement in statements:
        history = history.advance(index, statement)
    return history
