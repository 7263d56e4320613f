"""A real HTTP server on loopback whose answers are scripted byte by byte, so that it can break every rule."""

from __future__ import annotations

import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: path with query, and field values by lower-case name."""

    path: str
    fields: Mapping[str, str]
    at: float


# What a script yields: bytes are sent as they are, a number is a silence in seconds.
Step: TypeAlias = bytes | float
Script: TypeAlias = Callable[[Asked], Iterable[Step]]


class Hangup(Exception):
    """Raised by a script to close the connection there and then."""


def answer(status: int, body: bytes = b"", **fields: str) -> bytes:
    """A whole answer. A field `content_type` becomes Content-Type; Content-Length is true unless given."""
    lines = {
        "content-length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


class ScriptedSite:
    """Use as a context manager. Paths without a script answer 404, so robots.txt allows everything."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Listen on a free port.

        Args:
            certificate: PEM file with a private key and its certificate; with it the site speaks TLS.
        """
        self._scripts: dict[str, Script] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._server.tls = None
        if certificate is not None:
            self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.tls.load_cert_chain(certificate)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The URL of a path."""
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, *answers: bytes) -> None:
        """Answer this path with these, one after the other; the last one ever after."""
        left = list(answers)
        self.script(path, lambda asked: [left.pop(0) if len(left) > 1 else left[0]])

    def script(self, path: str, script: Script) -> None:
        """Answer this path by a script."""
        self._scripts[path] = script

    def times(self, path: str) -> int:
        """How often the path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    def steps(self, asked: Asked) -> Iterable[Step]:
        """What to send in answer."""
        self.asked.append(asked)
        script = self._scripts.get(asked.path)
        return script(asked) if script else [answer(404)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    site: ScriptedSite
    tls: ssl.SSLContext | None


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(
                self.request, server_side=True, do_handshake_on_connect=False
            )
        super().setup()

    def handle(self) -> None:
        self.server.site.connections += 1
        try:
            while (asked := self._read()) is not None:
                for step in self.server.site.steps(asked):
                    if isinstance(step, float):
                        time.sleep(step)
                    else:
                        self.wfile.write(step)
        except (Hangup, OSError):
            return

    def _read(self) -> Asked | None:
        request = self.rfile.readline().split(b" ")
        if len(request) != 3:
            return None
        fields = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        return Asked(request[1].decode("latin-1"), fields, time.monotonic())
