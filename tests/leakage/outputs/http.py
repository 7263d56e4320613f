"""What a server gives a stranger: documents, log, bytes, refusals, errors, header fields."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from hashstore.digest import Digest

if TYPE_CHECKING:
    from tests.leakage.conftest import House

_PATHS = (
    "/healthz", "/readyz", "/metrics", "/heads", "/.well-known/vasculum", "/.well-known/did.json",
    "/log/checkpoint", "/log/tile/0/000", "/log/tile/entries/000", "/nothing", "/log/../node.toml",
    "/log/%2e%2e/node.toml", "/blob/sha256/", "/blob/sha256/00", "/feeds", "/api/jobs",
    "/api/jobs/1", "/openapi.json", "/", "/api/datasets",
)  # fmt: skip


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    root = str(house.node.layout.root)
    command = [sys.executable, "-m", "node.cli", "--node", root, "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                _wait(client)
                yield from _asked(house, client)
        finally:
            process.terminate()


def _wait(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def _asked(house: House, client: httpx.Client) -> Iterator[tuple[str, bytes]]:
    # A segment answers by its digest as well; both are asked for by name, and so no news.
    digests = {Digest.parse(asked) for asked in house.asked if asked.startswith("hash:") and "#" not in asked}
    digests |= set(house.node.store.digests())
    paths = [*_PATHS, *(f"/blob/sha256/{digest.hex}" for digest in sorted(digests))]
    listed = [found["dataset"].rpartition("/")[2] for found in client.get("/api/datasets").json()["datasets"]]
    assert listed, "a dataset that is not there leaks nothing"
    paths += [f"/api/datasets/{digest}{rest}" for digest in listed for rest in ("", "/manifest")]
    for digest in sorted(digests):
        paths += [f"/iiif/{version}/{digest.hex}/info.json" for version in (2, 3)]
        paths += [f"/iiif/3/{digest.hex}/full/max/0/default.{format}" for format in ("jpg", "tif")]
    shown = 0
    for path in paths:
        answer = client.get(path)
        shown += answer.status_code == 200
        named = (
            path.split("/")[3]
            if path.startswith("/iiif/") and path.count("/") > 2
            else path.rsplit("/", 1)[-1]
        )
        asked = named.encode() or b"/"
        told = b"\n".join([*(value for pair in answer.headers.raw for value in pair), answer.content])
        yield path, told.replace(asked, b"") if answer.status_code != 200 else told
    assert shown > len(_PATHS) // 2, "a server that shows nothing proves nothing"
