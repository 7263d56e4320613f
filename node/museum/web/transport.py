"""Sockets and threads: put answers onto the wire over the standard library's HTTP server."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from node.museum.web.message import Answer, Request
from node.museum.web.requestlog import LoggedRequest, RequestLog

_log = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_PACED_CHUNK = 4 * 1024


class MuseumServer(ThreadingHTTPServer):
    """A threaded HTTP/1.1 server that answers through a function and notes what it sent."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Answer], log: RequestLog) -> None:
        self.answer = answer
        self.log = log
        self.closing = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and keep hold of it, so that closing the museum can end it."""
        connection, address = super().get_request()
        with self._guard:
            self._sockets.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Let go of a connection that has ended."""
        with self._guard:
            self._sockets.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection: idle ones hold their threads, and endless answers never stop."""
        self.closing.set()
        with self._guard:
            for connection in self._sockets:
                _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is their right and no error of ours."""
        _log.debug("connection from %s ended early", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write for head and body, and no Nagle: otherwise each keep-alive answer waits 40 ms for an ACK.
    wbufsize = _CHUNK
    disable_nagle_algorithm = True
    timeout = 60

    def setup(self) -> None:
        super().setup()
        self.museum = cast(MuseumServer, self.server)
        self.number = self.museum.log.next_connection()

    def parse_request(self) -> bool:
        """Point every method at one place; the museum itself decides which it allows."""
        if not super().parse_request():
            return False
        setattr(self, f"do_{self.command}", self._serve)
        return True

    def version_string(self) -> str:
        return "museum"

    def log_message(self, format: str, *args: Any) -> None:
        _log.info("%s " + format, self.address_string(), *args)

    def _serve(self) -> None:
        started = time.monotonic()
        self._drain()
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers)
        with _Waiting(self.museum.log) as waiting:
            answer = self.museum.answer(request)
            self.museum.closing.wait(answer.delivery.delay)
            number = self.museum.log.begin(LoggedRequest(request, answer.status, 0, started, self.number))
            self._send(answer, number, waiting)
        if answer.delivery.endless or answer.delivery.stop_after is not None:
            self.close_connection = True

    def _send(self, answer: Answer, number: int, waiting: _Waiting) -> None:
        chunk = memoryview(b"")
        try:
            self._send_head(answer)
            for chunk, last in self._chunks(answer):
                self.museum.log.count(number, len(chunk))
                if last:
                    waiting.end()
                self.wfile.write(chunk)
                self.wfile.flush()
            waiting.end()
            self.wfile.flush()
        except OSError:
            self.museum.log.count(number, -len(chunk))
            self.close_connection = True

    def _drain(self) -> None:
        """Read away a body sent with the request, so that the connection's next request starts clean."""
        length = self.headers.get("Content-Length", "0")
        self.rfile.read(min(int(length), 1 << 20) if length.isdigit() else 0)

    def _send_head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.delivery.endless:
            self.send_header("Connection", "close")
        elif answer.status != 304 and answer.header("Content-Length") is None:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()

    def _chunks(self, answer: Answer) -> Iterator[tuple[memoryview, bool]]:
        """Cut the body as it is to go out, and tell the last piece."""
        if self.command == "HEAD" or answer.status == 304:
            return
        how, body = answer.delivery, memoryview(answer.body)[: answer.delivery.stop_after]
        size = _PACED_CHUNK if how.bytes_per_second else max(_CHUNK, len(body))
        while not self.museum.closing.is_set():
            for start in range(0, len(body), size):
                chunk = body[start : start + size]
                yield chunk, start + size >= len(body) and not how.endless
                if how.bytes_per_second:
                    self.museum.closing.wait(len(chunk) / how.bytes_per_second)
                if self.museum.closing.is_set():
                    return
            if not how.endless:
                return


class _Waiting:
    """Counts a request as waiting until it is told that the last bytes go out, or the block ends."""

    def __init__(self, log: RequestLog) -> None:
        self._log = log
        self._over = False

    def __enter__(self) -> _Waiting:
        self._log.arrive()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        if not self._over:
            self._over = True
            self._log.leave()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _log.debug("connection had ended already")
