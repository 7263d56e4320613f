"""A server brings a blob near before it sends it, and does not say that it is absent while it cannot ask."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout
from node.storage import Tier, TieredBlobStore

Vasculum = Callable[..., Any]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(root: Path) -> Iterator[str]:
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "node.cli",
        "--node",
        str(root),
        "serve",
        "--no-jobs",
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(200):
                try:
                    if httpx.get(f"{url}/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    assert process.poll() is None
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


@pytest.fixture
def archived(tracked_copy: Node, tmp_path: Path) -> tuple[Node, Digest]:
    """A node, and an image of it that lies in the archive alone."""
    (tmp_path / "archive").mkdir()
    with tracked_copy.layout.config.open("a") as file:
        file.write(f'\n[storage]\narchive = "{tmp_path / "archive"}"\n')
    node = open_node(Layout(tracked_copy.layout.root))
    with node.index() as index:
        row = index.one("SELECT digest FROM capture WHERE role = 'image' AND outcome = 'fetched'")
    assert row is not None
    assert isinstance(node.store, TieredBlobStore)
    node.store.move(Digest(row["digest"]), Tier.ARCHIVE)
    return node, Digest(row["digest"])


def test_an_archived_image_is_recalled_and_sent(archived: tuple[Node, Digest]) -> None:
    node, image = archived
    with _serving(node.layout.root) as url:
        answer = httpx.get(f"{url}/blob/sha256/{image.hex}", timeout=30)
        assert (answer.status_code, Digest.of(answer.content)) == (200, image)
        assert node.active.contains(image)
        assert httpx.get(f"{url}/blob/sha256/{Digest.of(b'unknown').hex}").status_code == 404


def test_an_archive_that_is_away_is_no_reason_to_say_that_a_blob_is_not_here(
    archived: tuple[Node, Digest], tmp_path: Path
) -> None:
    node, image = archived
    os.rename(tmp_path / "archive", tmp_path / "unmounted")
    with _serving(node.layout.root) as url:
        assert httpx.get(f"{url}/blob/sha256/{image.hex}", timeout=30).status_code == 503
