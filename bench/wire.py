"""A TCP proxy that counts what goes through it, both ways."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BUFFER = 1 << 20


class Wire:
    """How many bytes went through so far: TCP payload, requests and answers, heads and bodies."""

    def __init__(self, listener: socket.socket) -> None:
        self.sent = 0
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._to = ("", 0)
        self._listener = listener
        self._lock = threading.Lock()

    def lead_to(self, url: str) -> None:
        """Whom connections from now on reach."""
        host, _, port = url.removeprefix("http://").partition(":")
        self._to = (host, int(port))

    def take(self) -> None:
        """Let connections through until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = memoryview(bytearray(_BUFFER))
        with suppress(OSError):
            while count := source.recv_into(buffer):
                with self._lock:
                    self.sent += count
                sink.sendall(buffer[:count])
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def counting() -> Iterator[Wire]:
    """A proxy that leads nowhere yet, while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(listener)
        threading.Thread(target=wire.take, daemon=True).start()
        yield wire
        listener.shutdown(socket.SHUT_RDWR)
