"""Lines to the peers of one sync: whoever could not be reached for one log is not waited for at the next."""

from __future__ import annotations

from contextlib import AbstractContextManager

from node.peers.client import PeerClient, PeerUnreachable, Refusal
from node.peers.link import Answer, PeerLink


class Lines:
    """Makes connections, and remembers to whom none comes about; threads share it."""

    def __init__(self) -> None:
        self._silent: set[str] = set()

    def __call__(self, url: str) -> PeerLink:
        """A line to a peer; it connects when it is first used.

        Raises:
            PeerError: it is no http(s) URL.
        """
        return _Silent(url) if url.rstrip("/") in self._silent else PeerClient(url, self._silent.add)


class _Silent:
    """A peer that could not be reached a moment ago."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, most: int) -> bytes | Refusal:
        raise self._unreachable()

    def answer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        most: int,
        headers: dict[str, str] | None = None,
    ) -> AbstractContextManager[Answer | Refusal]:
        raise self._unreachable()

    def close(self) -> None:
        """Nothing was opened."""

    def _unreachable(self) -> PeerUnreachable:
        return PeerUnreachable(
            f"{self.url} could not be reached before, and is not tried again in this sync."
        )
