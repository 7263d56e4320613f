"""A file whose size is known only at its end, for places that say how long it is before the file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hashstore.blobstore.interface import Chunk

_CHUNK: Final = 1 << 20


@contextmanager
def spooled(chunks: Iterator[Chunk], folder: Path) -> Iterator[tuple[int, Iterator[Chunk]]]:
    """The size of a file in bytes, and its bytes again.

    Args:
        chunks: Its bytes. What they raise comes through.
        folder: Where it waits; nothing of it stays there.

    Raises:
        OSError: the folder cannot be written.
    """
    with tempfile.TemporaryFile(dir=folder) as spool:
        for chunk in chunks:
            spool.write(chunk)
        size = spool.tell()
        spool.seek(0)
        yield size, iter(lambda: spool.read(_CHUNK), b"")
