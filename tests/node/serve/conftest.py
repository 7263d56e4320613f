"""A served node: the drawn museum's, with one file more that is large, in a process of its own."""

from __future__ import annotations

import random
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.cli.main import run
from node.compose import Node, open_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serve, Serving

LARGE = 24 << 20


@dataclass(frozen=True)
class Served:
    """A node, and the process that serves it."""

    node: Node
    serving: Serving
    large: bytes

    @property
    def url(self) -> str:
        """Its address."""
        return self.serving.url

    def raw(self, *lines: str, body: bytes = b"", wait: float = 10.0) -> bytes:
        """Everything that comes back for a request as it is written here; the connection is closed by it."""
        head = "".join(f"{line}\r\n" for line in (*lines, "connection: close", "")).encode("latin-1")
        with socket.create_connection(("127.0.0.1", self.serving.port), wait) as line:
            line.sendall(head + body)
            parts = []
            while part := line.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)


@pytest.fixture(scope="module")
def served(
    tracked_once: tuple[Path, dict[str, str]], serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Served:
    root = tmp_path_factory.mktemp("served") / "node"
    shutil.copytree(tracked_once[0], root)
    with (root / "node.toml").open("a") as file:
        file.write("\n[serve]\nrequests_per_second = 0\n")
    large = random.Random(7).randbytes(LARGE)
    (root.parent / "large.bin").write_bytes(large)
    assert run(["--node", str(root), "--quiet", "add", str(root.parent / "large.bin")]) == 0
    return Served(open_node(Layout(root)), serve(root, "--log-requests"), large)
