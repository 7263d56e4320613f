"""Taking back: a notice that something is withdrawn, and an operator's own decision on someone's notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.parts import segment_entry
from provenance.statement.reading import reading, time_of
from provenance.statement.segments import segments_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text

if TYPE_CHECKING:  # manifests.segment brings pyarrow, for which checking a citation must not wait
    from manifests.segment import Segment

MOST_TARGETS: Final = 10_000


class Reason(StrEnum):
    """Why something is withdrawn."""

    PERSONAL_DATA = "personal-data"
    RIGHTS = "rights"
    LOCALITY = "locality"
    CULTURAL = "cultural"
    LEGAL = "legal"
    ERROR = "error"
    OTHER = "other"


class Choice(StrEnum):
    """What an operator does with what a notice names."""

    KEEP = "keep"
    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A segment that stands in for an older one, without the rows that are withdrawn.

    Attributes:
        segment: the new segment.
        old: the segment that an earlier entry of the same log names.
        omitted: which rows of the old one it leaves out, from 1, ascending; the others keep their order.
    """

    segment: Segment
    old: Digest
    omitted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A notice that something is withdrawn.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the identity key of whoever withdraws.
        made: when, with a time zone.
        targets: what is withdrawn: digests (`hash://sha256/...`) and row URIs.
        reason: a code.
        description: the reason in words; it is public for ever, so it repeats nothing of what is withdrawn.
        replacements: segments that stand in for older ones.
        dropped: segments that are no longer served and that nothing stands in for.
    """

    id: str
    agent: PublicKey
    made: datetime
    targets: tuple[str, ...]
    reason: Reason
    description: str = ""
    replacements: tuple[Replacement, ...] = ()
    dropped: tuple[Digest, ...] = ()

    def document(self) -> dict[str, Any]:
        """The unsigned statement.

        Raises:
            MalformedStatement: it names nothing, or too much at once.
        """
        if not 1 <= len(self.targets) <= MOST_TARGETS:
            raise MalformedStatement(
                f"A withdrawal names 1 to {MOST_TARGETS} things, not {len(self.targets)}."
            )
        parts: dict[str, Any] = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "Withdrawal",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "withdraws": list(self.targets),
            "reason": self.reason.value,
        }
        if self.description:
            parts["description"] = plain_text(self.description)
        if self.replacements:
            numbered = enumerate(self.replacements, 1)
            parts["segment"] = [_replacement(self.id, place, found) for place, found in numbered]
        if self.dropped:
            parts["drops"] = [digest.uri for digest in self.dropped]
        return parts


@dataclass(frozen=True, slots=True)
class WithdrawalDecision:
    """What an operator decided on a notice; it counts in that operator's own node alone.

    Attributes:
        id: the statement's IRI.
        agent: the node's identity key.
        made: when, with a time zone.
        notice: IRI of the withdrawal.
        choice: what is done.
        description: why, in words.
        deleted: the bytes that go, so that whoever verifies the node does not miss them.
    """

    id: str
    agent: PublicKey
    made: datetime
    notice: str
    choice: Choice
    description: str = ""
    deleted: tuple[Digest, ...] = ()

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        parts: dict[str, Any] = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "WithdrawalDecision",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "concerns": self.notice,
            "decision": self.choice.value,
        }
        if self.description:
            parts["description"] = plain_text(self.description)
        if self.deleted:
            parts["deletes"] = [digest.uri for digest in self.deleted]
        return parts


def _replacement(statement: str, place: int, replacement: Replacement) -> dict[str, Any]:
    return {
        **segment_entry(statement, place, replacement.segment),
        "wasRevisionOf": replacement.old.uri,
        "omits": [str(number) for number in replacement.omitted],
    }


def read_withdrawal(statement: Statement) -> Withdrawal:
    """Reads a notice; its signature is not judged here. A reason of a later version is read as `other`.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "Withdrawal"):
        targets = tuple(str(target) for target in _listed(document["withdraws"]))
        reason = str(document["reason"])
        found = Withdrawal(
            id=statement.iri,
            agent=parse_public_key(str(document["wasAttributedTo"])),
            made=time_of(document, "generatedAtTime"),
            targets=targets,
            reason=Reason(reason) if reason in list(Reason) else Reason.OTHER,
            description=str(document.get("description", "")),
            replacements=_replacements(statement, document),
            dropped=tuple(Digest.parse(uri) for uri in _listed(document.get("drops", []))),
        )
    if not 1 <= len(targets) <= MOST_TARGETS:
        raise MalformedStatement(f"The withdrawal {statement.iri} names {len(targets)} things.")
    return found


def _replacements(statement: Statement, document: Mapping[str, Any]) -> tuple[Replacement, ...]:
    listed = _listed(document.get("segment", []))
    if not listed:
        return ()
    pairs = zip(segments_of(statement), listed, strict=True)
    return tuple(
        Replacement(
            segment, Digest.parse(entry["wasRevisionOf"]), tuple(int(n) for n in _listed(entry["omits"]))
        )
        for segment, entry in pairs
    )


def read_decision(statement: Statement) -> WithdrawalDecision:
    """Reads a decision; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "WithdrawalDecision"):
        return WithdrawalDecision(
            id=statement.iri,
            agent=parse_public_key(str(document["wasAttributedTo"])),
            made=time_of(document, "generatedAtTime"),
            notice=str(document["concerns"]),
            choice=Choice(document["decision"]),
            description=str(document.get("description", "")),
            deleted=tuple(Digest.parse(uri) for uri in _listed(document.get("deletes", []))),
        )


def _listed(value: Any) -> list[Any]:
    """JSON-LD writes a list of one as the one itself."""
    return value if isinstance(value, list) else [value]
