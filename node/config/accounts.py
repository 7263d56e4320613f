"""`[accounts]` of node.toml: how long people stay signed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    """How people sign in.

    Attributes:
        idle_hours: Who does nothing for so long has to sign in again.
        longest_days: So does everybody after so long.
    """

    idle_hours: float = 12.0
    longest_days: float = 14.0
