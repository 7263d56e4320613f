"""How a peer is asked, as a protocol: following decides the same over HTTP and in a simulation."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from node.peers.client import Refusal


class Answer(Protocol):
    """A body that comes."""

    def read(self, amount: int, /) -> bytes:
        """Up to so many bytes; fewer only at the end."""
        ...

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill a buffer or part of it; 0 at the end."""
        ...


class PeerLink(Protocol):
    """A line to one peer; `PeerClient` is the one that there is outside of tests."""

    url: str

    def get(self, path: str, most: int) -> bytes | Refusal:
        """A whole small file; raises as `PeerClient.get` does."""
        ...

    def answer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        most: int,
        headers: dict[str, str] | None = None,
    ) -> AbstractContextManager[Answer | Refusal]:
        """An answer, to be read inside the block; raises as `PeerClient.answer` does."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...
