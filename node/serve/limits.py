"""How much one client may ask for: a token bucket for each address, by the clock that it is given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

_MOST_CLIENTS = 10_000


class RateLimit:
    """Requests a second for each client address, with a reserve for bursts."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        """Begins with a full bucket for everybody.

        Args:
            rate: Requests a second; 0 for no limit.
            burst: So many at once.
            clock: Seconds, from any start, never going back.
        """
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token for a client.

        Returns:
            0 if it had one, otherwise the seconds after which it will have.
        """
        if self._rate <= 0:
            return 0.0
        now = self._clock()
        tokens, at = self._buckets.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        granted = tokens >= 1
        self._buckets[client] = (tokens - granted, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._rate
