"""An object's bytes as a source to be hashed: piece by piece, each piece a request that is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

PIECE: Final = 8 << 20  # bytes of one request: a broken connection costs no more than this

Fetch = Callable[[int, int], "ReadableBuffer"]


class PieceSource:
    """Reads `size` bytes in pieces; what hashes them is around it."""

    def __init__(self, fetch: Fetch, size: int, first: ReadableBuffer = b"") -> None:
        """Begins at the start.

        Args:
            fetch: Gives the bytes from one offset up to another.
            size: How many bytes there are.
            first: Bytes from the start that are here already.
        """
        self._fetch = fetch
        self._size = size
        self._piece = memoryview(first)
        self._offset = len(self._piece)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer as far as the piece at hand goes; 0 at the end."""
        if not self._piece and self._offset < self._size:
            stop = min(self._offset + PIECE, self._size)
            self._piece = memoryview(self._fetch(self._offset, stop))
            # A shorter answer is not the end by itself: whether it was is for the hash to say.
            self._offset += len(self._piece) or self._size
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._piece))
        view[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        """Let go of the piece at hand."""
        self._piece = memoryview(b"")
