"""HTTP to one peer: bounded in bytes and in time, without redirects, on one connection that is kept open.

The standard library's client, not the crawler's: bulk between nodes needs three times its throughput, and
none of its courtesy to museums. Nothing that comes is believed; every caller checks digest or signature.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import certifi

from node.errors import PeerError
from node.peers.link import Answer

_USER_AGENT = "vasculum-node"
_PATIENCE = 20.0  # seconds in which a peer must connect, begin to answer, and go on
_SLOWEST = 16 * 1024  # bytes a second, on average, below which a peer holds us up on purpose or in vain
_GRACE = 2 * _PATIENCE  # seconds of an answer that do not count for that
_AROUND = 1 << 20  # bytes beside the body: fields, lengths of chunks
_LONGEST_WAIT = 30.0  # seconds that a peer may ask us to wait by Retry-After
_TRIES = 3
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


class PeerUnreachable(PeerError):
    """No answer, or one that broke off."""


class PeerMisbehaved(PeerError):
    """The peer answered what no node answers: too much, too slowly, elsewhere, or something else."""


class TooLarge(PeerMisbehaved):
    """What was asked for is larger than it may be, which need not be the fault of whoever passes it on."""


class UnexpectedStatus(PeerMisbehaved):
    """The peer answered with a status that says neither what there is nor that there is nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A peer's answer that there is nothing to have: 404, 410 for what was withdrawn, 304 for nothing new."""

    status: int


class _Allowance:
    """How long an answer may take and how much may come with it, by what has come of it so far.

    A peer has to keep up a rate, so a byte every few seconds does not hold us up for hours, whatever length
    it has promised; and what HTTP puts around a body may be endless too: interim answers, tiny chunks.
    """

    def __init__(self, most: int) -> None:
        self._until = time.monotonic() + _GRACE
        self._most = 2 * most + _AROUND
        self._came = 0

    def seconds(self) -> float:
        """How long the next bytes may take."""
        left = self._until + self._came / _SLOWEST - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        return min(left, _PATIENCE)

    def take(self, count: int) -> int:
        self._came += count
        if self._came > self._most:
            raise PeerMisbehaved("The peer sent more than its answer may hold.")
        return count


class _BoundedSocket(socket.socket):
    allowance: _Allowance | None = None

    def recv_into(self, *arguments: Any, **settings: Any) -> int:
        if self.allowance is None:
            return super().recv_into(*arguments, **settings)
        self.settimeout(self.allowance.seconds())
        return self.allowance.take(super().recv_into(*arguments, **settings))


class _BoundedTls(ssl.SSLSocket):
    allowance: _Allowance | None = None

    def recv_into(self, *arguments: Any, **settings: Any) -> int:
        if self.allowance is None:
            return super().recv_into(*arguments, **settings)
        self.settimeout(self.allowance.seconds())
        return self.allowance.take(super().recv_into(*arguments, **settings))


class _Response(http.client.HTTPResponse):
    """The library reads a negative chunk length as a number like any other."""

    def read(self, amt: int | None = None) -> bytes:
        try:
            return super().read(amt)
        except ValueError as error:
            raise http.client.HTTPException(f"the chunks of the answer are garbled ({error})") from error

    def readinto(self, buffer: Any) -> int:
        try:
            return super().readinto(buffer)
        except ValueError as error:
            raise http.client.HTTPException(f"the chunks of the answer are garbled ({error})") from error


class _Connection(http.client.HTTPConnection):
    response_class = _Response

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=_PATIENCE)
        self._tls = tls

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), _PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        else:
            self.sock = _BoundedSocket(fileno=plain.detach())

    def allow(self, most: int) -> None:
        """Begin an exchange whose answer holds at most so many bytes."""
        assert isinstance(self.sock, _BoundedSocket | _BoundedTls)
        self.sock.allowance = _Allowance(most)
        self.sock.settimeout(_PATIENCE)  # for what we send


class PeerClient:
    """One connection to one peer; for one thread at a time."""

    def __init__(self, url: str, unreachable: Callable[[str], None] = lambda url: None) -> None:
        """Connects at the first request.

        Args:
            url: The peer's base URL.
            unreachable: Told the URL if no connection comes about.

        Raises:
            PeerError: it is no http(s) URL.
        """
        scheme, host, port, path = _parts(url)
        self.url = url.rstrip("/")
        self._prefix = path.rstrip("/")
        self._unreachable = unreachable
        self._connection = _Connection(host, port, _tls() if scheme == "https" else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str, most: int) -> bytes | Refusal:
        """A whole small file.

        Args:
            path: Below the base URL.
            most: Bytes; a longer answer is refused.

        Raises:
            PeerUnreachable: no answer came, or not to its end.
            PeerMisbehaved: the answer is no answer of a node.
        """
        with self.answer("GET", path, most=most) as answer:
            if isinstance(answer, Refusal):
                return answer
            data = answer.read(most + 1)
            if len(data) > most:
                raise PeerMisbehaved(f"{self.url}{path} gave more than {most:,} bytes.")
            _whole(answer)
            return data

    def get_json(self, path: str, most: int = 4 << 20) -> Any:
        """A JSON document.

        Raises:
            PeerError: there is none.
        """
        data = self.get(path, most)
        if isinstance(data, Refusal):
            raise PeerMisbehaved(f"{self.url}{path} is not there ({data.status}). Is this a Vasculum node?")
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise PeerMisbehaved(f"{self.url}{path} is no JSON. Is this a Vasculum node?") from error

    @contextmanager
    def answer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        most: int,
        headers: dict[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse | Refusal]:
        """Ask, and read the answer inside the block; its time is bounded by what it may hold.

        Args:
            method: HTTP method.
            path: Below the base URL.
            body: What is sent.
            most: So many bytes may come; the time that the answer may take follows from it.
            headers: Further fields.

        Raises:
            PeerUnreachable: no answer came, or not to its end.
            UnexpectedStatus: any status but 200, 206, 304, 404 and 410; redirects are not followed.
            TooLarge: more would come than may come, and it says so.
            PeerMisbehaved: more came than may come.
        """
        try:
            response = self._asked(method, path, body, headers or {}, most)
            if response.status in (304, 404, 410):
                response.read(1 << 20)
                yield Refusal(response.status)
            elif response.status in (200, 206):
                if response.length is not None and response.length > most:
                    raise TooLarge(f"{self.url}{path} has {response.length:,} bytes; it may have {most:,}.")
                yield response
                if response.isclosed():
                    _whole(response)
            else:
                raise UnexpectedStatus(f"{self.url}{path} answered with status {response.status}.")
            if not response.isclosed():
                # What was not read would be taken for the next answer.
                self.close()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise PeerUnreachable(f"{self.url}{path}: {_reason(error)}.") from error
        except BaseException:
            self.close()
            raise

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], most: int
    ) -> http.client.HTTPResponse:
        for attempt in range(_TRIES):
            response = self._once(method, path, body, headers, most)
            if response.status not in (429, 503) or attempt == _TRIES - 1:
                return response
            wait = response.headers.get("retry-after", "1")
            response.read(1 << 20)
            time.sleep(min(_LONGEST_WAIT, float(wait) if _SECONDS.fullmatch(wait) else 1.0) + 0.1)
        raise AssertionError("unreachable")

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], most: int
    ) -> http.client.HTTPResponse:
        fields = {"user-agent": _USER_AGENT, "accept-encoding": "identity", **headers}
        kept = self._connection.sock is not None
        try:
            return self._send(method, path, body, fields, most)
        except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
            self.close()
            if not kept:
                raise
            # The peer closed the connection while it lay idle; the request is not to blame.
            return self._send(method, path, body, fields, most)

    def _send(
        self, method: str, path: str, body: bytes | None, fields: dict[str, str], most: int
    ) -> http.client.HTTPResponse:
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError:
                self._unreachable(self.url)
                raise
        self._connection.allow(most)
        self._connection.request(method, self._prefix + path, body, fields)
        return self._connection.getresponse()


def copy_body(response: Answer, take: Callable[[memoryview], None], most: int, buffer: bytearray) -> int:
    """Hand an answer's body on, piece by piece; returns its length.

    Args:
        response: The answer.
        take: Gets each piece; it must not keep it.
        most: Bytes; more are refused.
        buffer: Room for a piece.

    Raises:
        PeerMisbehaved: the body is longer.
    """
    view, length = memoryview(buffer), 0
    while count := response.readinto(view):
        length += count
        if length > most:
            raise PeerMisbehaved(f"The peer sent more than the {most:,} bytes that there should be.")
        take(view[:count])
    return length


def read_exactly(answer: Answer, length: int) -> bytes:
    """So many bytes of an answer.

    Raises:
        PeerUnreachable: it ends before.
    """
    data = answer.read(length)
    if len(data) < length:
        raise PeerUnreachable(f"An answer broke off after {len(data)} of {length} bytes.")
    return data


def _whole(response: http.client.HTTPResponse) -> None:
    """The library takes a body that breaks off for its end."""
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of a base URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise PeerError(f"{url!r} is no address of a node: give https://host or http://host:port.")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.sslsocket_class = _BoundedTls
    return context


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text[0].lower() + text[1:].rstrip(".")
