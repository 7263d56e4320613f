"""How long to wait after wrong passwords. Pure: it is told when they came.

Three counts are kept: of a name from one address, of an address, and of a name from everywhere. Who guesses
is stopped by the first; who tries many names, by the second; who has many addresses, by the third, which is
high so that nobody locks another out with ease.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

WINDOW: Final = 3600.0  # seconds for which a wrong password counts
_LONGEST: Final = 900.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One of the counts.

    Attributes:
        key: Names it; a hash, since people type passwords where a name belongs.
        free: So many wrong passwords cost nothing.
    """

    key: str
    free: int


def counted(name: str, client: str) -> tuple[Counted, ...]:
    """Where an attempt counts.

    Args:
        name: As typed.
        client: The address that it comes from.
    """
    name = name.strip().lower()
    return (
        Counted(_key("name and address", name, client), 5),
        Counted(_key("address", client), 20),
        Counted(_key("name", name), 100),
    )


def wait(counts: Sequence[Counted], failures: Mapping[str, Sequence[float]], now: float) -> float:
    """Seconds until another attempt is looked at; 0 for at once.

    Args:
        counts: Where the attempt counts.
        failures: When wrong passwords came, by key.
        now: The time.
    """
    return max((_wait(one.free, failures.get(one.key, ()), now) for one in counts), default=0.0)


def _wait(free: int, failures: Sequence[float], now: float) -> float:
    recent = [at for at in failures if now - WINDOW < at <= now]
    over = len(recent) - free
    if over < 0:
        return 0.0
    pause = min(2.0 ** min(over + 1, 20), _LONGEST)
    return max(0.0, max(recent) + pause - now)


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
