"""Making citation bundles out of a log, its description, and what is cited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.citation.bundle import MOST_KEY_CHANGES, Bundle, Cited, Kind, Placed, encode_bundle
from provenance.citation.trust import TrustedKeys
from provenance.citation.verify import Outcome, verify_bundle
from provenance.errors import BundleError
from provenance.log.checkpoint import TreeHead, open_checkpoint
from provenance.log.leaf import SegmentLeaf, decode_leaf
from provenance.log.note import Note, parse_note
from provenance.log.reader import LogReader
from provenance.statement.statement import Statement

if TYPE_CHECKING:  # manifests.proof brings pyarrow, for which checking a citation must not wait
    from manifests.proof import RowProof


_LONGEST: Final = 8 + 64  # a timestamp and an Ed25519 signature


@dataclass(frozen=True, slots=True)
class Further:
    """What a bundle holds beside the proof.

    Attributes:
        changes: the log's key statements after its first, in log order, each with its place.
        all_lines: keep every signature line of the checkpoint; else those of ML-DSA-44, which make a bundle
            3 KB larger each, are left out.
    """

    changes: tuple[tuple[int, Statement], ...] = ()
    all_lines: bool = False


_NOTHING: Final = Further()


def cite_row(
    log: LogReader,
    description: Statement,
    leaf_index: int,
    row: RowProof,
    text: str,
    further: Further = _NOTHING,
) -> bytes:
    """The bundle of one row, cited as `hash://sha256/<segment>#row=N`.

    Args:
        log: the log that names the row's segment.
        description: the log's first statement.
        leaf_index: the place of the segment's leaf.
        row: the row and its path.
        text: the citation in words.
        further: the log's key statements, and what else belongs into a bundle.

    Raises:
        BundleError: the parts do not prove what is cited.
        LogError: the log is damaged or has no such leaf.
    """
    leaf = decode_leaf(log.leaf(leaf_index))
    if not isinstance(leaf, SegmentLeaf):
        raise BundleError(f"Leaf {leaf_index} of {log.key.name} names no segment.")
    cited = _cited("row", f"{leaf.segment.uri}#row={row.index + 1}", text)
    return _bundle(log, description, cited, further, leaf_index, row=row)


def cite_blob(
    log: LogReader,
    description: Statement,
    leaf_index: int,
    row: RowProof,
    blob: str,
    text: str,
    further: Further = _NOTHING,
) -> bytes:
    """The bundle of a blob, proved by the row of the capture table that tells how it was received.

    Args:
        log: the log that names the row's segment.
        description: the log's first statement.
        leaf_index: the place of the segment's leaf.
        row: the capture row and its path.
        blob: the blob as `hash://sha256/<hex>`.
        text: the citation in words.
        further: the log's key statements, and what else belongs into a bundle.

    Raises:
        BundleError: the parts do not prove what is cited.
        LogError: the log is damaged or has no such leaf.
    """
    return _bundle(log, description, _cited("blob", blob, text), further, leaf_index, row=row)


def cite_crawl(
    log: LogReader,
    description: Statement,
    leaf_index: int,
    crawl: Statement,
    text: str,
    further: Further = _NOTHING,
) -> bytes:
    """The bundle of a whole crawl, cited as the digest of its statement.

    Args:
        log: the log that names the statement.
        description: the log's first statement.
        leaf_index: the place of the statement's leaf.
        crawl: the statement.
        text: the citation in words.
        further: the log's key statements, and what else belongs into a bundle.

    Raises:
        BundleError: the parts do not prove what is cited.
        LogError: the log is damaged or has no such leaf.
    """
    cited = _cited("crawl", crawl.digest.uri, text)
    return _bundle(log, description, cited, further, leaf_index, statement=crawl.raw)


def cite_snapshot(log: LogReader, description: Statement, text: str, further: Further = _NOTHING) -> bytes:
    """The bundle of everything in a log up to its published head, cited as the checkpoint's digest.

    Args:
        log: the log.
        description: the log's first statement.
        text: the citation in words.
        further: the log's key statements, and what else belongs into a bundle.

    Raises:
        BundleError: the log is empty, or `description` is not its first statement.
        LogError: the log is damaged.
    """
    checkpoint = log.checkpoint()
    if checkpoint is None:
        raise BundleError(f"The log {log.key.name} has no checkpoint yet, so there is nothing to cite.")
    return _bundle(log, description, _cited("snapshot", checkpoint.digest.uri, text), further)


def _cited(kind: Kind, identifier: str, text: str) -> Cited:
    return Cited(kind, identifier, text)


def _bundle(
    log: LogReader,
    description: Statement,
    cited: Cited,
    further: Further,
    leaf_index: int | None = None,
    *,
    row: RowProof | None = None,
    statement: bytes | None = None,
) -> bytes:
    checkpoint = log.signed_checkpoint()
    if checkpoint is None:
        raise BundleError(f"The log {log.key.name} has no checkpoint yet, so it proves nothing.")
    if len(further.changes) > MOST_KEY_CHANGES:
        raise BundleError(f"A bundle holds at most {MOST_KEY_CHANGES} key statements of its log.")
    head = open_checkpoint(checkpoint, log.key).head
    bundle = Bundle(
        cited=cited,
        checkpoint=checkpoint if further.all_lines else _light(checkpoint),
        keys=Placed(description.raw, 0, log.inclusion(0, head).path),
        history=tuple(
            Placed(statement.raw, index, log.inclusion(index, head).path)
            for index, statement in further.changes
            if index < head.size
        ),
        leaf=None if leaf_index is None else _placed_leaf(log, leaf_index, head),
        row=None if row is None else Placed(row.row, row.index, row.path),
        statement=statement,
    )
    data = encode_bundle(bundle)
    verdict = verify_bundle(data, TrustedKeys())
    if verdict.outcome is Outcome.FAILED:
        raise BundleError(f"These parts do not prove {cited.identifier}: {verdict.broken}: {verdict.reason}")
    return data


def _placed_leaf(log: LogReader, index: int, head: TreeHead) -> Placed:
    return Placed(log.leaf(index), index, log.inclusion(index, head).path)


def _light(checkpoint: bytes) -> bytes:
    """The checkpoint without the lines that are too long for Ed25519; no signature covers other lines."""
    note = parse_note(checkpoint)
    return Note(
        note.text, tuple(line for line in note.signatures if len(line.signature) <= _LONGEST)
    ).encode()
