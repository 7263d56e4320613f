"""Which blobs may leave the active tier, which are due to, and moving them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from node.compose import Node
from node.errors import NodeError, NotFound
from node.index import Index
from node.storage.tiered import Tier, TieredBlobStore

_AT_ONCE = 8  # moves; a small blob waits for the network, not for us
_WINDOW = 64
# Only what captures brought may go: statements, segments, and whatever else the node made, are read as files.
_CAPTURED = "SELECT DISTINCT digest FROM capture WHERE digest IS NOT NULL"
_KEPT = "SELECT statement FROM leaf UNION SELECT segment FROM leaf WHERE segment IS NOT NULL"
_WITHHELD = "SELECT digest FROM capture WHERE access <> 'public' AND digest IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one blob.

    Attributes:
        digest: Which.
        size: In bytes; 0 if it could not be moved.
        moved: Whether anything had to be done.
        problem: Why it stayed where it was, if it should have moved.
    """

    digest: Digest
    size: int
    moved: bool
    problem: str | None = None


def tiers_of(node: Node) -> TieredBlobStore:
    """The node's two tiers.

    Raises:
        NodeError: It has one only.
    """
    if not isinstance(node.store, TieredBlobStore):
        raise NodeError(
            f"This node has no archive. Name one in {node.layout.config}:\n"
            '[storage]\narchive = "/mnt/archive/blobs"    # or s3://bucket/prefix'
        )
    return node.store


def movable(node: Node, index: Index) -> set[Digest]:
    """Every blob that may go to the archive.

    Withheld ones may only if the operator says so: an archive may stand in another house.
    """
    query = f"{_CAPTURED} EXCEPT ({_KEPT})"
    if not node.config.storage.archive_withheld:
        query += f" EXCEPT ({_WITHHELD})"
    return {Digest(row["digest"]) for row in index.stream(query)}


def check_movable(node: Node, index: Index, digests: Iterable[Digest]) -> None:
    """Refuse what must stay.

    Raises:
        NodeError: One of them may not go to the archive; the text says which and why.
        NotFound: One of them is no blob of this node.
    """
    for digest in digests:
        if not node.store.contains(digest):
            raise NotFound(f"This node does not hold the bytes of {digest}.")
        if index.one(f"SELECT 1 FROM ({_CAPTURED}) AS c WHERE digest = ?", [digest.raw]) is None or index.one(
            f"SELECT 1 FROM ({_KEPT}) AS k(digest) WHERE digest = ?", [digest.raw]
        ):
            raise NodeError(
                f"{digest} stays in the active tier: only images, archives and files that were tracked or "
                "added can move. Statements and segments are read all the time."
            )
        withheld = index.one(f"SELECT 1 FROM ({_WITHHELD}) AS w WHERE digest = ?", [digest.raw])
        if withheld and not node.config.storage.archive_withheld:
            raise NodeError(
                f"{digest} is withheld, and the archive may stand in another house. If it may go there, say "
                f"archive_withheld = true under [storage] in {node.layout.config}."
            )


def due(node: Node, candidates: set[Digest], now: float) -> list[Digest]:
    """What has lain in the active tier for longer than the operator wants, in ascending order.

    A blob's age is that of its file: it begins when the blob was added, and anew when it is recalled.

    Args:
        node: Says for how long.
        candidates: What may move.
        now: Seconds since the epoch.
    """
    days = node.config.storage.archive_after_days
    limit = now - timedelta(days=days).total_seconds()
    return sorted(digest for digest in candidates if days and _since(node, digest, now) <= limit)


def move_all(store: TieredBlobStore, digests: Sequence[Digest], to: Tier) -> Iterator[Moved]:
    """Move blobs, several at a time; hold the node's writer lock meanwhile.

    Yields:
        What became of each, in their order. Damaged and vanished ones stay, and are named.

    Raises:
        StoreUnusable: A tier cannot be read or written; what was told of is done.
    """

    def move(digest: Digest) -> Moved:
        try:
            size = store.size(digest)
            return Moved(digest, size, store.move(digest, to))
        except (BlobNotFound, CorruptBlob) as error:
            return Moved(digest, 0, False, str(error))

    with ThreadPoolExecutor(_AT_ONCE, "move") as pool:
        for start in range(0, len(digests), _WINDOW):
            yield from pool.map(move, digests[start : start + _WINDOW])


def age_in_days(node: Node, digest: Digest) -> int:
    """For how many whole days a blob has lain in the active tier; 0 for one that is not there."""
    now = time.time()
    return max(0, int((now - _since(node, digest, now)) // 86_400))


def _since(node: Node, digest: Digest, now: float) -> float:
    with suppress(OSError):
        return os.stat(node.active.path(digest)).st_mtime
    return now
