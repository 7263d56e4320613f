"""Whether a revocation behind a state took back what counted in it (spec/keys.md, spec/slices.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.errors import SliceError
from node.index import Index
from provenance.errors import ProvenanceError
from provenance.keys import PublicKey
from provenance.statement import Statement
from provenance.statement.kinds import KeyRole
from provenance.statement.kinds.key_change import read_key_change
from provenance.statement.kinds.key_revocation import read_key_revocation

if TYPE_CHECKING:
    from node.slices.gone import Extent

_ABOUT_KEYS = "SELECT log_index, iri, document FROM statement WHERE log = ? AND kind = ? ORDER BY log_index"
_VOID = "SELECT count(*) AS n FROM void WHERE log = ? AND log_index >= ? AND log_index < ?"


def check_not_revoked(index: Index, extent: Extent) -> None:
    """Check that nothing which counts at a state was made void by a later entry of the same log.

    Who has not come as far as that entry has rows there that nobody has who has.

    Raises:
        SliceError: something was.
    """
    for void in _revoked_later(index, extent):
        row = index.one(_VOID, [extent.log, void.start, min(void.stop, extent.size)])
        if row is not None and row["n"]:
            raise SliceError(
                "Entries of the log that count at this state were taken back after it, by the revocation of "
                "a key. So its members cannot be told from the rows; bring their list."
            )


def _revoked_later(index: Index, extent: Extent) -> Iterator[range]:
    """The places that revocations behind a state made void."""
    ends = dict(_changes(index, extent.log))
    for row in index.rows(_ABOUT_KEYS, [extent.log, "KeyRevocation"]):
        if row["log_index"] < extent.size:
            continue
        try:
            said = read_key_revocation(Statement(row["document"].encode(), row["iri"]))
        except ProvenanceError:
            continue
        if said.role is KeyRole.IDENTITY and said.key in ends:
            yield range(said.void_from, ends[said.key])


def _changes(index: Index, log: int) -> Iterator[tuple[PublicKey, int]]:
    """The former identity keys of a log, each with the place from which on it was no longer active."""
    for row in index.rows(_ABOUT_KEYS, [log, "KeyChange"]):
        try:
            said = read_key_change(Statement(row["document"].encode(), row["iri"]))
        except ProvenanceError:
            continue
        if said.role is KeyRole.IDENTITY:
            yield said.old, row["log_index"] + 1
