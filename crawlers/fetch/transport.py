"""The httpx transport that the fetcher uses by default: httpcore's pool over the judged network."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager

import certifi
import httpcore
import httpx

from crawlers.fetch.address import AddressPolicy
from crawlers.fetch.network import JudgedNetwork


class JudgedTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 with keep-alive. No proxy of the environment is used: it would dodge the policy."""

    def __init__(self, policy: AddressPolicy, connections: int, verify: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify or ssl.create_default_context(cafile=certifi.where()),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=JudgedNetwork(policy),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(inner)
        assert isinstance(answer.stream, AsyncIterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._stream:
                yield chunk

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise httpcore's errors as httpx's of the same name; the cause stays reachable as `__cause__`."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as exc:
        name = next(kind.__name__ for kind in type(exc).__mro__ if kind.__module__.startswith("httpcore"))
        twin: type[httpx.TransportError] = getattr(httpx, name)
        raise twin(str(exc)) from exc
