"""What each role may do. Pure; which things may be read is not decided here but in `node.policy`."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What an agent may do, the least first."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    REVIEWER = "reviewer"
    OPERATOR = "operator"

    @property
    def rank(self) -> int:
        """Its place: who stands higher may do everything that the lower may."""
        return _ORDER.index(self)

    def includes(self, other: Role) -> bool:
        """Whether whoever has this role has at least the other."""
        return self.rank >= other.rank


class Deed(StrEnum):
    """Something to be done that a stranger may not do; also what a token for programs may be good for."""

    ACCOUNT = "account"
    ANNOTATE = "annotate"
    DATASET = "dataset"
    REVIEW = "review"
    OPERATE = "operate"


_ORDER: Final = tuple(Role)
LEAST: Final = MappingProxyType(
    {
        Deed.ACCOUNT: Role.READER,
        Deed.ANNOTATE: Role.CONTRIBUTOR,
        Deed.DATASET: Role.CONTRIBUTOR,
        Deed.REVIEW: Role.REVIEWER,
        Deed.OPERATE: Role.OPERATOR,
    }
)


def may(role: Role, deed: Deed) -> bool:
    """Whether a role may do something."""
    return role.includes(LEAST[deed])


def may_by_token(role: Role, scopes: Collection[Deed], deed: Deed) -> bool:
    """Whether a token may do something: it can do what it is for, and never more than its owner."""
    return deed in scopes and may(role, deed)


def deeds(role: Role) -> tuple[Deed, ...]:
    """All that a role may do."""
    return tuple(deed for deed in Deed if may(role, deed))
