"""What a network error means for the curator: one table from httpx's exceptions to our reasons."""

from __future__ import annotations

import asyncio
import ssl

import httpx

from crawlers.fetch.address import AddressRefused
from crawlers.fetch.capture import Reason
from crawlers.fetch.ending import Stop
from crawlers.fetch.network import HandshakeFailed, NameNotFound

# What may be wrong with an exchange; anything else is a bug of ours and is let through.
TROUBLES = (
    httpx.TransportError,
    httpx.InvalidURL,
    AddressRefused,
    TimeoutError,
    ssl.SSLError,
)
# Failures that speak of the host rather than of this URL.
HOST_TROUBLES = frozenset({Reason.DNS_FAILED, Reason.CONNECT_FAILED, Reason.TLS_FAILED})


def explain(error: Exception, url: str) -> Stop:
    """The early end that an error of httpx or of the network stands for.

    Args:
        error: One of `TROUBLES`.
        url: Where it happened.
    """
    if isinstance(error, AddressRefused):
        return Stop(Reason.ADDRESS_REFUSED, str(error))
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Stop(Reason.BAD_URL, f"{url} cannot be asked for: {error}")
    reason = _reason(error)
    return Stop(reason, f"{_WORDS[reason]} ({url}): {str(error) or type(error).__name__}", again=True)


def _reason(error: Exception) -> Reason:
    cause = error.__cause__
    if isinstance(cause, NameNotFound):
        return Reason.DNS_FAILED
    if isinstance(cause, HandshakeFailed) or isinstance(error, ssl.SSLError):
        return Reason.TLS_FAILED
    if isinstance(error, httpx.TimeoutException | asyncio.TimeoutError):
        return Reason.TIMED_OUT
    if isinstance(error, httpx.ConnectError):
        return Reason.CONNECT_FAILED
    return Reason.BROKEN_TRANSFER


_WORDS = {
    Reason.DNS_FAILED: "The host's name could not be looked up",
    Reason.TLS_FAILED: "No secure connection could be made; the server's certificate may have run out",
    Reason.TIMED_OUT: "The server did not answer in time",
    Reason.CONNECT_FAILED: "No connection could be made",
    Reason.BROKEN_TRANSFER: "The transfer broke off",
}
