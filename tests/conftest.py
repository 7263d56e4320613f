"""What tests of every package share: the real data beside the project, and programs that may be absent."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says more of the machine, and of who else uses it, than of the law.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]


# Debian keeps servers where only root looks for programs.
_PROGRAMS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def _skip_or_fail(reason: str) -> None:
    """Skip by name; where CI promises that everything is there, a skip would hide a broken promise."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason}; in CI this must not be skipped")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that nobody here wrote. Only ever read."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        _skip_or_fail("the real data beside the project (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def skip_or_fail() -> Callable[[str], None]:
    """Skip with a reason that names what is missing; in CI, fail."""
    return _skip_or_fail


@pytest.fixture(scope="session")
def needs_program() -> Callable[[str], str]:
    """Ask for a system program by name: its path, or a skip that names it."""

    def find(name: str) -> str:
        path = shutil.which(name, path=_PROGRAMS)
        if path is None:
            _skip_or_fail(f"the program {name} is not installed (see make deps-system)")
        assert path is not None
        return path

    return find


@pytest.fixture(scope="session")
def needs_path() -> Callable[[str, str], Path]:
    """Ask for a file or folder of the system and the package that brings it, or skip and name both."""

    def find(path: str, package: str) -> Path:
        if not Path(path).exists():
            _skip_or_fail(f"{path} of the package {package} is not installed (see make deps-system)")
        return Path(path)

    return find


@pytest.fixture(scope="session")
def needs_package() -> Callable[[str], Any]:
    """Ask for a Python package that an extra brings, by the name of its module, or skip and name it."""

    def find(module: str) -> Any:
        try:
            return importlib.import_module(module)
        except ImportError:
            _skip_or_fail(f"the package {module} is not installed (see the extras in pyproject.toml)")

    return find


@pytest.fixture(scope="session")
def drawings_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One directory of drawings for all tests, and for all processes that share the run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "museum-drawings"


@dataclass(frozen=True)
class Serving:
    """A node that a process of its own serves.

    Attributes:
        url: Its base URL on loopback.
        process: The process.
        said: What it writes to standard error.
    """

    url: str
    process: subprocess.Popen[bytes]
    said: Path

    @property
    def port(self) -> int:
        """Its TCP port."""
        return int(self.url.rpartition(":")[2])

    def stop(self) -> int:
        """End it as an operator does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


Serve = Callable[..., Serving]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _served(root: Path, said: Path, options: tuple[str, ...]) -> Serving:
    port = _free_port()
    command = [sys.executable, "-m", "node.cli", "--node", str(root), "serve", "--port", str(port), *options]
    with said.open("ab") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words)
    serving = Serving(f"http://127.0.0.1:{port}", process, said)
    until = time.monotonic() + 60
    while not _answers(serving.url):
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < until
        time.sleep(0.05)
    return serving


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start `vasculum serve` for a node as a process; all are ended with the module."""
    folder = tmp_path_factory.mktemp("serving")
    begun: list[Serving] = []

    def start(root: Path, *options: str) -> Serving:
        begun.append(_served(root, folder / f"{len(begun)}.txt", options))
        return begun[-1]

    yield start
    # Asked, not killed, so that requests under way are answered.
    for serving in begun:
        if serving.process.poll() is None:
            serving.stop()
