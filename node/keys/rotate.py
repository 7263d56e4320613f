"""Changing the identity key or the log key to the one that the log had committed to (spec/keys.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.compose import Node
from node.errors import NodeError
from node.keys.history import read_history
from node.keys.load import load_key, passphrase
from node.keys.settle import Step, no_step, settle
from node.keys.signing import make_post_quantum_key, post_quantum_public
from node.layout import Layout
from provenance.key_history import KeyHistory
from provenance.keys import PublicKey, SigningKey
from provenance.log.leaf import StatementLeaf
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import KeyChange, KeyRevocation, KeyRole, key_commitment


@dataclass(frozen=True, slots=True)
class Rotated:
    """A change of keys that stands in the log.

    Attributes:
        role: which key was changed.
        old: the key until now.
        new: the key from the next log entry on.
        committed: whether the log had committed to the new key. If not, whoever has the old one could have
            made this change too.
        log_index: where it stands.
    """

    role: KeyRole
    old: PublicKey
    new: PublicKey
    committed: bool
    log_index: int


def rotate(node: Node, role: KeyRole, step: Step = no_step) -> Rotated:
    """Change a key; the caller holds the writer lock (`Node.writing`).

    Killed anywhere, the next command that writes ends the change or undoes it.

    Args:
        node: The node.
        role: Which key.
        step: Called with a name before each change of the disk.

    Raises:
        NodeError: the key that the log had committed to is not here.
        ProvenanceError: a key or the log cannot be used.
    """
    files = _Files.of(node.layout, role)
    history = read_history(node)
    promised = history.next_identity if role is KeyRole.IDENTITY else history.next_log
    step(f"make {files.following.name}")
    _check_following(files.following, promised)
    old, new = load_key(files.current), load_key(files.following)
    if role is KeyRole.LOG:
        step("make coming-log-mldsa44.pem")
        make_post_quantum_key(node.layout.coming_post_quantum_key)
    step(f"make {files.coming.name}")
    after = SigningKey.generate()
    after.save(files.coming, passphrase())
    node.forget_keys()  # from here on both log keys sign, if it is the log's that changes
    step("sign the change")
    statement = _signed_change(node, history, role, new, after.public)
    history.advance(node.reader.head().size, statement)  # what followers would refuse is never published
    index = publish(node, statement, step)
    settle(node, step)
    return Rotated(role, old.public, new.public, promised is not None, index)


@dataclass(frozen=True, slots=True)
class _Files:
    """The three files of a key: it, the next one, and the one after, while it changes."""

    current: Path
    following: Path
    coming: Path

    @classmethod
    def of(cls, layout: Layout, role: KeyRole) -> _Files:
        if role is KeyRole.IDENTITY:
            return cls(layout.identity_key, layout.next_identity_key, layout.coming_identity_key)
        return cls(layout.log_key, layout.next_log_key, layout.coming_log_key)


def _signed_change(
    node: Node, history: KeyHistory, role: KeyRole, new: SigningKey, after: PublicKey
) -> Statement:
    made = datetime.now(UTC)
    identity = role is KeyRole.IDENTITY
    coming = node.layout.coming_post_quantum_key
    change = KeyChange(
        id=new_statement_id(),
        origin=history.origin,
        role=role,
        old=history.identity if identity else history.log_key.key,
        new=new.public,
        made=made,
        next=key_commitment(after),
        post_quantum=None if identity else post_quantum_public(coming, history.origin),
    )
    # A new log key proves itself by the checkpoint that it signs: it signs nothing but checkpoints.
    return issue(change.document(), node.identity, made, *((new,) if identity else ()))


def revoke(node: Node, role: KeyRole, key: PublicKey, void_from: int | None = None) -> int:
    """Declare a former key void; the caller holds the writer lock.

    The next identity key signs it, too, where the log is committed to one: it has to be here for this moment.

    Args:
        node: The node.
        role: What the key was for.
        key: The former key.
        void_from: The first log entry (for a log key, the first tree size) at which its signature counts no
            more; where it ceased to be active if left out.

    Returns:
        Where the revocation stands in the log.

    Raises:
        BadKeyChange: it is not a former key, or was not active there, or is revoked already.
        NodeError: the next identity key is not here.
    """
    history = read_history(node)
    spans = history.identities if role is KeyRole.IDENTITY else history.logs
    ends = {span.key: after.start for span, after in pairwise(spans)}
    since = ends.get(key, 0) if void_from is None else void_from
    made = datetime.now(UTC)
    revocation = KeyRevocation(new_statement_id(), history.origin, role, key, since, made)
    statement = issue(revocation.document(), node.identity, made, *_heirs(node, history))
    history.advance(node.reader.head().size, statement)
    return publish(node, statement)


def _heirs(node: Node, history: KeyHistory) -> tuple[SigningKey, ...]:
    """The next identity key, where the log is committed to one."""
    if history.next_identity is None:
        return ()
    _check_following(node.layout.next_identity_key, history.next_identity)
    return (load_key(node.layout.next_identity_key),)


def publish(node: Node, statement: Statement, step: Step = no_step) -> int:
    """Keep a statement and append its leaf; returns its place in the log."""
    step("keep the statement")
    digest = add_bytes(node.store, statement.raw)
    step("append the leaf")
    index = node.log.append([StatementLeaf(digest).encode()]).start
    with node.index():
        pass  # opening it brings it up to the log
    return index


def _check_following(following: Path, promised: Digest | None) -> None:
    if not following.exists():
        if promised is not None:
            raise NodeError(
                f"This log has committed to its next key, and {following} is not here. Put it back from "
                "where you keep it: no other key will be believed."
            )
        SigningKey.generate().save(following, passphrase())
    elif promised is not None and key_commitment(load_key(following).public) != promised:
        raise NodeError(f"{following} is not the key that this log has committed to. Put the right one back.")
