"""Bring what a peer shows of a manifest since members of it were withdrawn: leaf hashes stand for these."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from manifests.dataset.manifest import ManifestRoot, lines_of, read_manifest
from manifests.errors import ManifestError
from node.compose import Node
from node.datasets.known import KnownDataset
from node.errors import PeerError
from node.peers.client import PeerClient, Refusal, copy_body

_LARGEST = 64 << 30
_BUFFER = 256 << 10


def bring_shown(node: Node, urls: Sequence[str], known: KnownDataset) -> bool:
    """Ask nodes one after the other; what does not lead to the root in the statement is thrown away.

    Returns:
        Whether there is something now.
    """
    target = node.layout.shown_manifest(known.digest)
    target.parent.mkdir(exist_ok=True)
    coming = target.with_suffix(".partial")
    try:
        for url in dict.fromkeys(urls):
            if _brought(url, known, coming):
                os.replace(coming, target)
                return True
    finally:
        coming.unlink(missing_ok=True)
    return False


def _brought(url: str, known: KnownDataset, file: Path) -> bool:
    path = f"/api/datasets/{known.digest.hex}/manifest"
    try:
        with PeerClient(url) as client, client.answer("GET", path, most=_LARGEST) as answer:
            if isinstance(answer, Refusal):
                return False
            with file.open("wb") as stream:
                copy_body(answer, partial(_write, stream), _LARGEST, bytearray(_BUFFER))
                stream.flush()
                os.fsync(stream.fileno())
        return _holds(known, file)
    except (PeerError, ManifestError):
        return False


def _write(stream: BinaryIO, piece: memoryview) -> None:
    stream.write(piece)


def _holds(known: KnownDataset, file: Path) -> bool:
    tree = ManifestRoot()
    with file.open("rb") as lines:
        for entry in read_manifest(lines_of(lines)):
            tree.add(entry)
    return (tree.count, tree.root) == (known.version.count, known.version.manifest_root)
