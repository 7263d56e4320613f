"""Which notices of withdrawal take effect here, and on whose content: a decision over values alone.

A notice counts for what its own log published, and for everything if an authority that the operator named
signed it. A stranger's notice is kept and shown, and does nothing. Nothing here deletes: the strongest effect
that a notice of somebody else has by itself is to hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hashstore.digest import Digest
from provenance.statement.kinds.withdrawal import Choice, Replacement, Withdrawal, WithdrawalDecision


@dataclass(frozen=True, slots=True)
class Notice:
    """A withdrawal as it stands in a log.

    Attributes:
        log: the origin of that log.
        signer: the did whose signature was verified.
        withdrawal: what it says.
    """

    log: str
    signer: str
    withdrawal: Withdrawal


@dataclass(frozen=True, slots=True)
class Effect:
    """What a notice comes to in this node.

    Attributes:
        notice: the notice.
        reach: the origin of the log whose content it takes back; None for everyone's.
        choice: what is done with that content: hidden, or deleted as well.
    """

    notice: Notice
    reach: str | None
    choice: Choice


def choices(decisions: Iterable[WithdrawalDecision]) -> dict[str, Choice]:
    """The operator's choice on each notice, by IRI; of several the last counts.

    Args:
        decisions: of the node's own log, in its order.
    """
    return {decision.notice: decision.choice for decision in decisions}


def effects(
    notices: Iterable[Notice], own: str, authorities: AbstractSet[str], decided: Mapping[str, Choice]
) -> tuple[Effect, ...]:
    """What the notices of all logs come to.

    Args:
        notices: in the order of their logs.
        own: the origin of the node's own log.
        authorities: dids that may withdraw anything, as the operator named them.
        decided: the operator's choices; see `choices`. One's own notice cannot be kept from taking effect,
            since others have been told already.
    """
    found = []
    for notice in notices:
        choice = decided.get(notice.withdrawal.id, Choice.HIDE)
        if choice is Choice.KEEP and notice.log == own:
            choice = Choice.HIDE
        if choice is not Choice.KEEP:
            reach = None if notice.signer in authorities else notice.log
            found.append(Effect(notice, reach, choice))
    return tuple(found)


def superseded(withdrawals: Iterable[Withdrawal]) -> dict[Digest, Replacement | None]:
    """The segments that one log no longer serves, each with what stands in for it, or None for nothing.

    A segment that was replaced twice is replaced by the last; its first replacement is gone as well.

    Args:
        withdrawals: of that log, in its order.
    """
    gone: dict[Digest, Replacement | None] = {}
    for withdrawal in withdrawals:
        for digest in withdrawal.dropped:
            gone[digest] = None
        for replacement in withdrawal.replacements:
            if (before := gone.get(replacement.old)) is not None:
                gone[before.segment.digest] = None
            gone[replacement.old] = replacement
    return gone


def remaining_rows(replacement: Replacement, rows: int) -> tuple[int, ...]:
    """The number that each row of a replacement had in the segment that it stands in for.

    Args:
        replacement: whose rows.
        rows: how many the old segment had.

    Raises:
        ValueError: it leaves out rows that there were not, or does not have as many as are left.
    """
    omitted = set(replacement.omitted)
    left = tuple(number for number in range(1, rows + 1) if number not in omitted)
    if not omitted <= set(range(1, rows + 1)) or len(left) != replacement.segment.rows:
        raise ValueError(f"a segment of {replacement.segment.rows} rows cannot stand in for {len(left)}")
    return left
