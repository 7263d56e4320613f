"""How long a session lasts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOTED_EVERY: Final = 60.0  # seconds: a use is written down no more often


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The limits of sessions, in seconds.

    Attributes:
        idle: One that is not used for so long ends.
        longest: One ends after so long, however it is used.
    """

    idle: float
    longest: float


def is_alive(lifetime: Lifetime, begun: float, used: float, now: float) -> bool:
    """Whether a session still counts.

    Args:
        lifetime: The limits.
        begun: When somebody signed in, seconds since 1970.
        used: When it was used last.
        now: The time.
    """
    # A clock that was set back makes no session younger than nothing.
    return 0 <= now - begun < lifetime.longest and now - used < lifetime.idle


def is_to_be_noted(used: float, now: float) -> bool:
    """Whether this use is to be written down."""
    return abs(now - used) >= NOTED_EVERY
