"""How much one client may ask for: a token bucket for each address, by the clock that it is given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

_MOST_CLIENTS = 10_000


def client_of(address: str, forwarded: str | None) -> str:
    """Who asks: who has connected, or whom a web server on this machine says that it asks for.

    Args:
        address: The other end of the connection, with its port.
        forwarded: `X-Forwarded-For`; believed from loopback only, or anyone could claim to be anyone.
    """
    host = address.rpartition(":")[0].strip("[]")
    try:
        if forwarded is not None and ip_address(host).is_loopback:
            return str(ip_address(forwarded.rpartition(",")[2].strip()))
    except ValueError:
        pass  # a Unix socket, or a field that names no address
    return host


def scheme_of(address: str, scheme: str, forwarded: str | None) -> str:
    """By which scheme the client asked: this server's, or what a web server on this machine says.

    Args:
        address: The other end of the connection, with its port.
        scheme: Of the connection.
        forwarded: `X-Forwarded-Proto`; believed from loopback only, as `X-Forwarded-For` is.
    """
    try:
        local = ip_address(address.rpartition(":")[0].strip("[]")).is_loopback
    except ValueError:
        local = False  # a Unix socket
    return forwarded if local and forwarded in ("http", "https") else scheme


def _counted_as(client: str) -> str:
    """An IPv6 address stands for its network of 64 bits: whoever has one address there has all of them."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return client
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((address, 64), strict=False))


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
        client = _counted_as(client)
        now = self._clock()
        tokens, at = self._buckets.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        granted = tokens >= 1
        self._buckets[client] = (tokens - granted, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._rate
