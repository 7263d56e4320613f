"""Bring what a peer shows of a manifest since members of it were withdrawn: leaf hashes stand for these."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from manifests.dataset.labels import LARGEST as LARGEST_LABELS
from manifests.dataset.manifest import ManifestRoot, lines_of, read_manifest
from manifests.errors import ManifestError
from node.compose import Node
from node.datasets.known import KnownDataset
from node.errors import DatasetError, PeerError
from node.peers.client import PeerClient, Refusal, copy_body

_EACH = 64 << 10  # bytes of a line without regions; they are some 400
_BUFFER = 256 << 10


def bring_shown(node: Node, urls: Sequence[str], known: KnownDataset) -> bool:
    """Ask nodes one after the other; what does not lead to the root in the statement is thrown away.

    Returns:
        Whether there is something now.

    Raises:
        DatasetError: it cannot be written here.
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


def most_shown(known: KnownDataset) -> int:
    """How many bytes a manifest may have before its root is known, by what the statement says of it.

    Regions make a line as long as whoever drew them likes; all of them come out of one labels file, of which
    each line is told in less than twice its bytes.
    """
    regions = 2 * LARGEST_LABELS if known.version.recipe.labels else 0
    return known.version.count * _EACH + regions


def _brought(url: str, known: KnownDataset, file: Path) -> bool:
    path, most = f"/api/datasets/{known.digest.hex}/manifest", most_shown(known)
    try:
        with (
            _writing(file) as stream,
            PeerClient(url) as client,
            client.answer("GET", path, most=most) as answer,
        ):
            if isinstance(answer, Refusal):
                return False
            copy_body(answer, partial(_write, stream), most, bytearray(_BUFFER))
        return _holds(known, file)
    except (PeerError, ManifestError):
        return False


@contextmanager
def _writing(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("wb", buffering=0) as stream:
            yield stream
            os.fsync(stream.fileno())
    except OSError as error:
        raise _unwritable(error, file) from error


def _write(stream: BinaryIO, piece: memoryview) -> None:
    """Write all of a piece; within an answer, a full disk would pass for a peer that broke off."""
    try:
        while piece:
            piece = piece[stream.write(piece) :]
    except OSError as error:
        raise _unwritable(error, Path(stream.name)) from error


def _unwritable(error: OSError, file: Path) -> DatasetError:
    return DatasetError(
        f"{file} cannot be written ({error.strerror}). Look at the disk, then run the same command again."
    )


def _holds(known: KnownDataset, file: Path) -> bool:
    tree = ManifestRoot()
    with file.open("rb") as lines:
        for entry in read_manifest(lines_of(lines)):
            tree.add(entry)
    return (tree.count, tree.root) == (known.version.count, known.version.manifest_root)
