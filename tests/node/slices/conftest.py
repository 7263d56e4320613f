"""Two institutions: one that tracked the museum and serves, one that follows it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout

Serve = Callable[[Node], str]


@pytest.fixture
def alder(tracked_once: tuple[Path, dict[str, str]], tmp_path: Path) -> Node:
    """The institution that tracked the museum in both its versions."""
    shutil.copytree(tracked_once[0], tmp_path / "alder")
    return open_node(Layout(tmp_path / "alder"))


@pytest.fixture
def birch(tmp_path: Path) -> Node:
    """Another one, with a log of its own and nothing else."""
    return create_node(Layout(tmp_path / "birch"), "Birch Herbarium", "birch.test/log")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a node by the real program, in a process of its own; gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(node: Node) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "node.cli",
            "--node",
            str(node.layout.root),
            "serve",
            "--port",
            str(port),
        ]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{port}"
        _wait(url, running[-1])
        return url

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not begin to answer")
