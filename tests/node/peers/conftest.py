"""Peers that do what they like: a server that answers each connection with a function of the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

Answering = Callable[[socket.socket], None]


class Rogue:
    """A listening socket; every connection is handed to `behave`, in a thread of its own."""

    def __init__(self, behave: Answering) -> None:
        self.connections = 0
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Hang up on everybody."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for line in self._open:
            line.close()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(line)
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            self._behave(line)


Rogues = Callable[[Answering], Rogue]


@pytest.fixture
def rogue() -> Iterator[Rogues]:
    """Begin a server that behaves as it is told."""
    begun: list[Rogue] = []

    def begin(behave: Answering) -> Rogue:
        begun.append(Rogue(behave))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()
