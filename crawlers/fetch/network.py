"""TCP and TLS for httpcore, on plain asyncio: names are resolved once, judged, and connected to as judged."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
from aiohappyeyeballs import start_connection

from crawlers.fetch.address import AddressPolicy

# As large as httpcore reads at once; asyncio stops reading from the socket at twice this.
_BUFFER = 256 * 1024
_FAMILY_DELAY = 0.25  # RFC 8305 section 5: 250 ms before the next address is tried beside the first

_Info = tuple[int, int, int, str, tuple[Any, ...]]


class NameNotFound(httpcore.ConnectError):
    """The host's name has no address."""


class HandshakeFailed(httpcore.ConnectError):
    """TLS could not be agreed on, or the certificate is not valid for this host."""


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection; reads and writes with a deadline each."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout(f"no byte came for {timeout} s") from exc
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as exc:
            raise httpcore.WriteTimeout(f"the server took nothing for {timeout} s") from exc
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    async def aclose(self) -> None:
        # A closing handshake with a server that no longer answers would hold the slot; drop the socket
        # instead.
        self._writer.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as exc:
            await self.aclose()
            raise httpcore.ConnectTimeout(f"no TLS handshake within {timeout} s") from exc
        except (ssl.SSLError, ssl.CertificateError) as exc:
            await self.aclose()
            raise HandshakeFailed(str(exc)) from exc
        except OSError as exc:
            await self.aclose()
            raise httpcore.ConnectError(str(exc)) from exc
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Before reuse httpcore asks whether an idle connection has something to read: that means it is
            # closed.
            return self._reader.at_eof() or self._writer.transport.is_closing()
        names = {"ssl_object": "ssl_object", "server_addr": "peername", "client_addr": "sockname"}
        return self._writer.get_extra_info(names[info]) if info in names else None


class JudgedNetwork(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that the policy allows, trying IPv6 and IPv4 side by side (RFC 8305)."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                infos = await self._resolve(host, port)
                sock = await start_connection(infos, happy_eyeballs_delay=_FAMILY_DELAY, interleave=1)
                reader, writer = await asyncio.open_connection(sock=sock, limit=_BUFFER)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(f"no connection to {host}:{port} within {timeout} s") from exc
        except OSError as exc:
            raise httpcore.ConnectError(f"no connection to {host}:{port}: {exc}") from exc
        return AsyncioStream(reader, writer)

    async def _resolve(self, host: str, port: int) -> list[_Info]:
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as exc:
            raise NameNotFound(f"the name {host} has no address: {exc}") from exc
        fit = self._policy.check(host, port, tuple(str(info[4][0]) for info in infos))
        return [info for info in infos if info[4][0] in fit]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
