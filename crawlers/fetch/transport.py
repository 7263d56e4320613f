"""The httpx transport that the fetcher uses by default: httpcore's connections over the judged network.

httpcore's own pool looks at every connection for every request, which at 64 of them costs more than the
request. Since the fetcher bounds how many are open, all that is left for a pool is to keep the idle ones.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager

import certifi
import httpcore
import httpx

from crawlers.fetch.address import AddressPolicy
from crawlers.fetch.network import JudgedNetwork

_KEEP_ALIVE = 15.0  # seconds; many servers drop idle connections after that
_STALE = (
    httpcore.ReadError,
    httpcore.WriteError,
    httpcore.RemoteProtocolError,
    httpcore.ConnectionNotAvailable,
)

_Origin = tuple[bytes, bytes, int | None]


class JudgedTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 with keep-alive. No proxy of the environment is used: it would dodge the policy."""

    def __init__(self, policy: AddressPolicy, idle: int, verify: ssl.SSLContext | None = None) -> None:
        """Open no connection yet.

        Args:
            policy: Which addresses may be connected to.
            idle: So many idle connections are kept; beyond that the oldest are closed.
            verify: In place of the certificates that Mozilla trusts.
        """
        self._ssl = verify or ssl.create_default_context(cafile=certifi.where())
        self._network = JudgedNetwork(policy)
        self._most_idle = idle
        self._idle: deque[tuple[_Origin, httpcore.AsyncHTTPConnection]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        origin = (request.url.raw_scheme, request.url.raw_host, request.url.port)
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=origin[0], host=origin[1], port=origin[2], target=request.url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        with _as_httpx():
            connection, answer = await self._send(origin, inner)
        assert isinstance(answer.stream, AsyncIterable)
        body = _Body(answer.stream, self, origin, connection)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=body, extensions=answer.extensions
        )

    async def _send(
        self, origin: _Origin, request: httpcore.Request
    ) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        while (kept := await self._take(origin)) is not None:
            try:
                return kept, await kept.handle_async_request(request)
            except _STALE:
                # The server dropped it while it lay idle; the request is not to blame and safe to repeat.
                await kept.aclose()
        fresh = httpcore.AsyncHTTPConnection(
            httpcore.Origin(*_with_port(origin)),
            ssl_context=self._ssl,
            keepalive_expiry=_KEEP_ALIVE,
            network_backend=self._network,
        )
        return fresh, await fresh.handle_async_request(request)

    async def _take(self, origin: _Origin) -> httpcore.AsyncHTTPConnection | None:
        for entry in reversed(self._idle):
            if entry[0] == origin:
                self._idle.remove(entry)
                if not entry[1].has_expired():
                    return entry[1]
                await entry[1].aclose()
                return await self._take(origin)
        return None

    async def give_back(self, origin: _Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection whose answer has been read to its end; close any other."""
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle.append((origin, connection))
        if len(self._idle) > self._most_idle:
            await self._idle.popleft()[1].aclose()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop()[1].aclose()


class _Body(httpx.AsyncByteStream):
    """An answer's bytes; closing it gives the connection back."""

    def __init__(
        self,
        stream: AsyncIterable[bytes],
        transport: JudgedTransport,
        origin: _Origin,
        connection: httpcore.AsyncHTTPConnection,
    ) -> None:
        self._stream = stream
        self._transport = transport
        self._origin = origin
        self._connection: httpcore.AsyncHTTPConnection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._stream:
                yield chunk

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()
        await self._transport.give_back(self._origin, connection)


def _with_port(origin: _Origin) -> tuple[bytes, bytes, int]:
    scheme, host, port = origin
    return scheme, host, port or {b"http": 80, b"https": 443}[scheme]


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise httpcore's errors as httpx's of the same name; the cause stays reachable as `__cause__`."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as exc:
        name = next(kind.__name__ for kind in type(exc).__mro__ if kind.__module__.startswith("httpcore"))
        twin: type[httpx.TransportError] = getattr(httpx, name)
        raise twin(str(exc)) from exc
