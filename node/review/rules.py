"""Who may decide what: a finding or annotation is pending, then accepted, rejected or amended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hashstore.digest import Digest
from manifests.annotations import Subject, is_agent
from node.accounts.roles import Role as Role
from node.review.errors import ReviewRefused


class Standing(StrEnum):
    """What was decided of a subject last."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AMENDED = "amended"


DECIDES: Final = frozenset({Role.REVIEWER, Role.OPERATOR})
SAYS: Final = DECIDES | {Role.CONTRIBUTOR}
MOST_NOTE: Final = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Agent:
    """Who says or decides something.

    Attributes:
        iri: An ORCID, a did:key or the urn:uuid: of an account.
        role: What they may do.
    """

    iri: str
    role: Role


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be decided about, as it stands.

    Attributes:
        subject: Its name.
        image: What it is about.
        author: Who said it; None for a machine.
        standing: What was decided of it last.
        by: Who decided that; None while it is pending.
    """

    subject: Subject
    image: Digest
    author: str | None = None
    standing: Standing = Standing.PENDING
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision.

    Attributes:
        standing: How the matter is to stand; not pending.
        agent: Who decides.
        note: Why.
        replacement: The annotation that says it better, if it is amended.
        replacement_image: What that is about.
    """

    standing: Standing
    agent: Agent
    note: str | None = None
    replacement: Digest | None = None
    replacement_image: Digest | None = None


def decided(matter: Matter, decision: Decision) -> Matter:
    """How a matter stands after a decision; a later one may always be made.

    Raises:
        ReviewRefused: this agent may not decide that, or the decision is not whole.
    """
    _check_agent(decision.agent)
    _check_right(matter, decision)
    _check_whole(matter, decision)
    again = decision.standing is matter.standing and decision.agent.iri == matter.by
    if again and decision.standing is not Standing.AMENDED:
        raise ReviewRefused(f"{matter.subject.text} was {matter.standing} by you already.")
    return Matter(matter.subject, matter.image, matter.author, decision.standing, decision.agent.iri)


def check_says(agent: Agent) -> None:
    """Check that an agent may say something.

    Raises:
        ReviewRefused: not so.
    """
    _check_agent(agent)
    if agent.role not in SAYS:
        raise ReviewRefused("Only contributors, reviewers and operators annotate; ask for that role.")


def is_ready(author: Role, standing: Standing) -> bool:
    """Whether an annotation is to be published.

    A contributor's waits until a reviewer has accepted or amended it; what was rejected stays here.
    """
    if standing is Standing.REJECTED:
        return False
    return standing is not Standing.PENDING or author in DECIDES


def _check_agent(agent: Agent) -> None:
    if not is_agent(agent.iri):
        raise ReviewRefused(
            f"{agent.iri!r} names nobody as it may be published. Give an ORCID "
            "(https://orcid.org/0000-0002-1825-0097), a did:key: or the urn:uuid: of an account."
        )


def _check_right(matter: Matter, decision: Decision) -> None:
    own = matter.author == decision.agent.iri
    if own and decision.standing is Standing.ACCEPTED:
        raise ReviewRefused("Nobody accepts what they said themselves: let another reviewer look at it.")
    takes_back = own and decision.standing is Standing.REJECTED and matter.standing is Standing.PENDING
    if decision.agent.role not in DECIDES and not takes_back:
        raise ReviewRefused("Only reviewers and operators decide; others may take back what they said.")


def _check_whole(matter: Matter, decision: Decision) -> None:
    if decision.standing is Standing.PENDING:
        raise ReviewRefused("A decision is accepted, rejected or amended.")
    if (decision.standing is Standing.AMENDED) != (decision.replacement is not None):
        raise ReviewRefused(
            "What is amended needs an annotation that says it better; nothing else takes one."
        )
    if decision.replacement is not None:
        if decision.replacement_image != matter.image:
            raise ReviewRefused("What amends it has to be about the same image.")
        if matter.subject == Subject(decision.replacement):
            raise ReviewRefused("An annotation cannot amend itself.")
    note = decision.note
    if note is not None and not (note.isprintable() and len(note) <= MOST_NOTE):
        raise ReviewRefused(f"A note is text on one line, at most {MOST_NOTE:,} characters.")
