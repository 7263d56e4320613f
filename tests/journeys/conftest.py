"""Whole journeys: the program as a person meets it, the drawn museum, and processes that can be killed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from node.cli.main import run

_VERSION = re.compile(r"<(\S+)> <http://purl\.org/pav/hasVersion> <hash://sha256/([0-9a-f]{64})>")
_SERVER = Path(__file__).with_name("fork_server.py")


@dataclass(frozen=True)
class Said:
    """How a run of the program ended and what it said.

    Attributes:
        status: Exit code; -9 if it was killed.
        out: Lines on standard output that came out whole.
        err: Everything on standard error.
    """

    status: int
    out: tuple[str, ...]
    err: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The output of a `--json` run; its last line is the summary unless it was cut short."""
        return [json.loads(line) for line in self.out]

    @property
    def summary(self) -> dict[str, Any]:
        """The last line."""
        last = self.items[-1]
        assert last["type"] == "summary", last
        return last

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one type."""
        return [item for item in self.items if item["type"] == kind]


@dataclass(frozen=True)
class Strike:
    """The moment of a kill.

    Attributes:
        delay: Seconds after what comes first of the following.
        lines: So many lines of output are awaited.
        watch: A change of this file is awaited.
        reads: Whether anybody reads what the program says during the delay, or the terminal hangs.
    """

    delay: float
    lines: int = 0
    watch: Path | None = None
    reads: bool = True


class ForkServer:
    """The program in forked processes, each of which may be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: str | Path) -> Said:
        """Run to the end."""
        return self._ask({"args": [str(argument) for argument in arguments]})

    def kill(self, strike: Strike, *arguments: str | Path) -> Said:
        """Run, and kill it in the midst; a strike may come too late."""
        order = {"args": [str(argument) for argument in arguments], **asdict(strike)}
        return self._ask({**order, "watch": str(strike.watch) if strike.watch else None})

    def close(self) -> None:
        """End the server."""
        self._process.communicate(timeout=30)

    def _ask(self, order: dict[str, Any]) -> Said:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Said(answer["status"], tuple(answer["out"]), answer["err"])


@pytest.fixture(scope="session")
def strike() -> type[Strike]:
    """How to say when a kill shall come."""
    return Strike


@pytest.fixture(scope="session")
def forked() -> Iterator[ForkServer]:
    """The program in processes that can be killed."""
    server = ForkServer()
    yield server
    server.close()


class Program:
    """The program in this very process: quick, and its errors keep their tracebacks."""

    def __call__(self, *arguments: str | Path) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run([str(argument) for argument in arguments])
        return Said(status, tuple(out.getvalue().splitlines()), err.getvalue())


@pytest.fixture(scope="session")
def program() -> Program:
    """The program in this very process."""
    return Program()


class Loopback:
    """A web server on this machine that answers with given bytes, and 404 for everything else."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answers = self.answers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = answers.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A web server on this machine, to be given its answers."""
    server = Loopback()
    yield server
    server.close()


def _recorded_versions(folder: Path) -> dict[str, str]:
    """URL to hex digest, as Preston's provenance logs below a folder recorded them."""
    texts = (path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())
    return {url: digest for text in texts for url, digest in _VERSION.findall(text)}


@pytest.fixture(scope="session")
def recorded_versions(shared_data: Path) -> Callable[[str], dict[str, str]]:
    """What upstream recorded of each URL: asked by the name of a repository under `scale/`."""
    return lambda repository: _recorded_versions(shared_data / "scale" / repository)
