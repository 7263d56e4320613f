"""Judging a citation bundle: pure, offline, in milliseconds; from the row or statement to the signed head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from hashstore.canonical import parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.merkle import leaf_hash, verify_inclusion
from provenance.citation.bundle import Bundle, Placed, decode_bundle
from provenance.citation.trust import TrustedKeys
from provenance.errors import BundleError, ProvenanceError
from provenance.key_history import KEY_KINDS, KeyHistory
from provenance.keys import PublicKey
from provenance.log.checkpoint import Checkpoint
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement.statement import parse_statement
from provenance.witness.policy import Witnessed

T = TypeVar("T")


class Outcome(StrEnum):
    """How a check of a citation ends."""

    VERIFIED = "verified"
    UNKNOWN_SIGNER = "intact, signer unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bundle proves.

    Attributes:
        outcome: verified, intact but by an unknown signer, or failed.
        broken: the first link that does not hold, None if all do: `form`, `keys`, `checkpoint`,
            `key history`, `leaf`, `row`, `statement` or `cited`.
        reason: why it failed, or which trusted key vouches; empty for an unknown signer.
        bundle: what was read; None if its form is broken.
        institution: who keeps the log, as it says itself.
        identity: the institution's key, the newest that the bundle tells of.
        origin: the log's name.
        log_key: the log's verifier key, the newest likewise.
        checkpoint: the log's head that the proof leads to.
        leaf_index: the place in the log of what is cited; None for a snapshot.
        attested: what the log commits to: the row, or the statement; None for a snapshot.
        witnessed: which witnesses of the reader's choice cosigned, where they chose any.
    """

    outcome: Outcome
    broken: str | None = None
    reason: str = ""
    bundle: Bundle | None = None
    institution: str | None = None
    identity: PublicKey | None = None
    origin: str | None = None
    log_key: str | None = None
    checkpoint: Checkpoint | None = None
    leaf_index: int | None = None
    attested: bytes | None = None
    witnessed: Witnessed | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is attested as a JSON object, a fresh copy; empty for a snapshot."""
        value = {} if self.attested is None else parse_json(self.attested)
        return value if isinstance(value, dict) else {}


class _BrokenLinkError(Exception):
    """Carries the name of a link and what was wrong with it."""

    def __init__(self, link: str, reason: str) -> None:
        super().__init__(reason)
        self.link = link


def verify_bundle(data: bytes, trust: TrustedKeys) -> Verdict:
    """Checks a citation bundle against the keys that the reader trusts.

    Args:
        data: the file's bytes.
        trust: the reader's keys; none is taken from the bundle.

    Returns:
        The verdict; a bundle, however broken, never raises.
    """
    try:
        bundle = _link("form", lambda: decode_bundle(data))
    except _BrokenLinkError as error:
        return Verdict(Outcome.FAILED, error.link, str(error))
    try:
        return _judge(bundle, trust)
    except _BrokenLinkError as error:
        return Verdict(Outcome.FAILED, error.link, str(error), bundle)


def _judge(bundle: Bundle, trust: TrustedKeys) -> Verdict:
    begun = _link("keys", lambda: KeyHistory.begin(parse_statement(bundle.keys.content)))
    history = _link("key history", lambda: _fold(begun, bundle.history))
    checkpoint = _link("checkpoint", lambda: history.open_checkpoint(bundle.checkpoint))
    witnessed = _link("checkpoint", lambda: _witnessed(bundle.checkpoint, trust))
    _link("key history", lambda: _check_places(bundle, checkpoint))
    attested = None
    if bundle.cited.kind in ("blob", "row"):
        attested = _judge_row(bundle, checkpoint)
    elif bundle.cited.kind == "crawl":
        attested = _judge_crawl(bundle, checkpoint, history)
    else:
        _link("cited", lambda: _check_snapshot(bundle, checkpoint))
    last = checkpoint.head.size - 1
    reason = trust.reason(history, last if bundle.leaf is None else bundle.leaf.index)
    return Verdict(
        outcome=Outcome.UNKNOWN_SIGNER if reason is None else Outcome.VERIFIED,
        reason=reason or "",
        bundle=bundle,
        institution=history.institution,
        identity=history.identity,
        origin=checkpoint.origin,
        log_key=str(history.log_key),
        checkpoint=checkpoint,
        leaf_index=None if bundle.leaf is None else bundle.leaf.index,
        attested=attested,
        witnessed=witnessed,
    )


def _link(name: str, check: Callable[[], T]) -> T:
    try:
        return check()
    except (ProvenanceError, HashstoreError) as error:
        raise _BrokenLinkError(name, str(error)) from error


def _fold(history: KeyHistory, changes: tuple[Placed, ...]) -> KeyHistory:
    for placed in changes:
        statement = parse_statement(placed.content)
        if not KEY_KINDS & set(statement.types):
            raise BundleError(f"Leaf {placed.index} is no key statement, so it is no part of a key history.")
        history = history.advance(placed.index, statement)
    return history


def _witnessed(checkpoint: bytes, trust: TrustedKeys) -> Witnessed | None:
    return None if trust.witnesses is None else trust.witnesses.judge(checkpoint)


def _check_places(bundle: Bundle, checkpoint: Checkpoint) -> None:
    """The log itself must begin with its description, or anyone could describe another's log as their own."""
    if bundle.keys.index != 0:
        raise BundleError(f"The log's description is leaf {bundle.keys.index}, not its first.")
    for placed in (bundle.keys, *bundle.history):
        _check_path(StatementLeaf(Digest.of(placed.content)).encode(), placed, checkpoint)


def _check_path(leaf: bytes, placed: Placed, checkpoint: Checkpoint) -> None:
    verify_inclusion(leaf_hash(leaf), placed.index, checkpoint.head.size, placed.path, checkpoint.head.root)


def _judge_row(bundle: Bundle, checkpoint: Checkpoint) -> bytes:
    leaf = _link("leaf", lambda: _check_leaf(bundle, checkpoint))
    if not isinstance(leaf, SegmentLeaf):
        raise _BrokenLinkError("leaf", "The leaf names no segment, so it commits to no row.")
    row = bundle.row
    if row is None or bundle.statement is not None:
        raise _BrokenLinkError("row", "The bundle of a blob or row holds a row and no statement.")
    root = leaf.rows_root.raw
    _link("row", lambda: verify_inclusion(leaf_hash(row.content), row.index, leaf.rows, row.path, root))
    expected = f"{leaf.segment.uri}#row={row.index + 1}"
    if bundle.cited.kind == "blob":
        expected = _blob_of(row.content, leaf)
    if bundle.cited.identifier != expected:
        raise _BrokenLinkError("cited", f"The proof is about {expected}, not {bundle.cited.identifier}.")
    return row.content


def _blob_of(row: bytes, leaf: SegmentLeaf) -> str:
    """A blob is cited by the row of the capture table that says where and when it was received."""
    value = parse_json(row)
    digest = value.get("digest") if isinstance(value, Mapping) and leaf.table == "capture" else None
    if not isinstance(digest, str):
        raise _BrokenLinkError("row", "The row says of no blob that it was received.")
    return digest


def _judge_crawl(bundle: Bundle, checkpoint: Checkpoint, history: KeyHistory) -> bytes:
    leaf = _link("leaf", lambda: _check_leaf(bundle, checkpoint))
    raw = bundle.statement
    if raw is None or bundle.row is not None:
        raise _BrokenLinkError("statement", "The bundle of a crawl holds a statement and no row.")
    statement = _link("statement", lambda: parse_statement(raw))
    if leaf != StatementLeaf(statement.digest):
        raise _BrokenLinkError("leaf", f"The leaf does not name the statement {statement.digest}.")
    index = 0 if bundle.leaf is None else bundle.leaf.index
    _link("statement", lambda: history.check_signer(index, statement))
    if bundle.cited.identifier != statement.digest.uri:
        raise _BrokenLinkError(
            "cited", f"The proof is about {statement.digest}, not {bundle.cited.identifier}."
        )
    return raw


def _check_leaf(bundle: Bundle, checkpoint: Checkpoint) -> object:
    if bundle.leaf is None:
        raise BundleError("The bundle has no leaf.")
    leaf = decode_leaf(bundle.leaf.content)
    _check_path(bundle.leaf.content, bundle.leaf, checkpoint)
    return leaf


def _check_snapshot(bundle: Bundle, checkpoint: Checkpoint) -> None:
    if bundle.leaf is not None or bundle.row is not None or bundle.statement is not None:
        raise BundleError("The bundle of a snapshot holds a checkpoint and keys only.")
    if bundle.cited.identifier != checkpoint.digest.uri:
        raise BundleError(f"The proof is about {checkpoint.digest}, not {bundle.cited.identifier}.")
