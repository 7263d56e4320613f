"""Bytes in the order in which they are wanted, fetched ahead on several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from hashstore.digest import Digest
from node.client.blobs import BlobSource

Item = TypeVar("Item")
THREADS: Final = 4
AHEAD: Final = 16


def read_ahead(
    source: BlobSource,
    wanted: Iterable[Item],
    digest_of: Callable[[Item], Digest],
    *,
    threads: int = THREADS,
    ahead: int = AHEAD,
) -> Iterator[tuple[Item, bytes]]:
    """Each item with its bytes, in order.

    Memory: `ahead` blobs and one more.

    Args:
        source: Where the bytes come from; asked from several threads.
        wanted: Items; taken only as far as is read ahead.
        digest_of: The digest of an item.
        threads: How many ask at the same time.
        ahead: How many are asked for before they are wanted.

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
                first, data = waiting.popleft()
                yield first, data.result()
        while waiting:
            first, data = waiting.popleft()
            yield first, data.result()
    finally:
        pool.shutdown(cancel_futures=True)
