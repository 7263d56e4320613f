"""Bytes in the order in which they are wanted, fetched ahead on several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from hashstore.digest import Digest
from hashstore.errors import BlobNotFound
from node.client.blobs import BlobSource
from node.errors import NotFound, Withdrawn

Item = TypeVar("Item")
THREADS: Final = 4
AHEAD: Final = 16
# A node or a store answered that it does not have it, or not any more; all else may be different next time.
_MISSING: Final = (BlobNotFound, NotFound, Withdrawn)


def read_ahead(
    source: BlobSource,
    wanted: Iterable[Item],
    digest_of: Callable[[Item], Digest],
    *,
    threads: int = THREADS,
    ahead: int = AHEAD,
    on_missing: Callable[[Item], None] | None = None,
) -> Iterator[tuple[Item, bytes]]:
    """Each item with its bytes, in order.

    Memory: `ahead` blobs and one more.

    Args:
        source: Where the bytes come from; asked from several threads.
        wanted: Items; taken only as far as is read ahead.
        digest_of: The digest of an item.
        threads: How many ask at the same time.
        ahead: How many are asked for before they are wanted.
        on_missing: Told of each item that the source does not have, or that was withdrawn: it is left out.
            None raises what the source did.

    Raises:
        NodeError: one cannot be had; those before it were given.
        HashstoreError: likewise, from a store.
    """
    waiting: deque[tuple[Item, Future[bytes]]] = deque()
    pool = ThreadPoolExecutor(threads, "read-ahead")
    try:
        for item in wanted:
            waiting.append((item, pool.submit(source.read, digest_of(item))))
            if len(waiting) > ahead:
                yield from _given(*waiting.popleft(), on_missing)
        while waiting:
            yield from _given(*waiting.popleft(), on_missing)
    finally:
        pool.shutdown(cancel_futures=True)


def _given(
    item: Item, data: Future[bytes], on_missing: Callable[[Item], None] | None
) -> Iterator[tuple[Item, bytes]]:
    try:
        found = data.result()
    except _MISSING:
        if on_missing is None:
            raise
        on_missing(item)
        return
    yield item, found
