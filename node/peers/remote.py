"""A log as a peer serves it: static files behind HTTP, none of them believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hashstore.digest import Digest
from node.peers.client import PeerMisbehaved, Refusal
from node.peers.link import PeerLink
from provenance.errors import CorruptLog
from provenance.log.files import FileSource
from provenance.log.note import LARGEST_NOTE
from provenance.log.reader import CHECKPOINT
from provenance.log.tiles import ENTRIES, HASH_SIZE, WIDTH, parse_tile_path, tile_at, unpack_entries

_LARGEST_BUNDLE = WIDTH * (2 + 0xFFFF)


class RemoteLog:
    """The files of one log below one address; a `provenance.log.files.FileSource`."""

    def __init__(
        self, client: PeerLink, prefix: str, charge: Callable[[int], None] = lambda count: None
    ) -> None:
        """Asks nothing yet.

        Args:
            client: The peer.
            prefix: Path of the log there, with slashes around, such as `/log/`.
            charge: Told of each number of bytes of leaves before they are kept; raises at a limit.
        """
        self._client = client
        self._prefix = prefix
        self._charge = charge

    @property
    def url(self) -> str:
        """Where the log lies."""
        return self._client.url + self._prefix

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where the peer has none.

        Raises:
            PeerError: no answer of a node came.
        """
        found = self._client.get(self._prefix + path, _most(path))
        return None if isinstance(found, Refusal) else found

    def checkpoint(self, known: bytes | None) -> bytes | None:
        """The newest checkpoint; one that is the same as the known one need not be sent again.

        Args:
            known: The checkpoint that is here. A peer that keeps saying that there is no other gains no more
                than one that keeps showing it.

        Raises:
            PeerError: no answer of a node came.
        """
        fields = {} if known is None else {"if-none-match": f'"{Digest.of(known).hex}"'}
        path = self._prefix + CHECKPOINT
        with self._client.answer("GET", path, most=LARGEST_NOTE, headers=fields) as answer:
            if isinstance(answer, Refusal):
                return known if answer.status == 304 else None
            data = answer.read(LARGEST_NOTE + 1)
        if len(data) > LARGEST_NOTE:
            raise PeerMisbehaved(f"{self.url}{CHECKPOINT} has more than {LARGEST_NOTE:,} bytes.")
        return data

    def leaves(self, start: int, size: int) -> Iterator[bytes]:
        """The leaves from `start` up to a tree's size, as the peer gives them; no hash is compared here.

        Raises:
            CorruptLog: a bundle is missing or too short.
            PeerError: no answer of a node came.
        """
        while start < size:
            tile = tile_at(ENTRIES, start, size)
            # A partial bundle may be gone once the full one is there (C2SP tlog-tiles, "Partial Tiles").
            data = self.read(tile.path) or (self.read(tile.full.path) if tile.width < WIDTH else None)
            if data is None:
                raise CorruptLog(f"{self.url}{tile.path} is missing.")
            entries = unpack_entries(data, self.url + tile.path)[: tile.width]
            if len(entries) < tile.width:
                raise CorruptLog(f"{self.url}{tile.path} has {len(entries)} entries, not {tile.width}.")
            self._charge(len(data))
            first = tile.index * WIDTH
            yield from entries[start - first :]
            start = first + tile.width


class Remembered:
    """Files as they were first read: what convinced this node of a lie is what it shows to others."""

    def __init__(self, source: FileSource) -> None:
        """Reads nothing yet; made for a handful of tiles."""
        self._source = source
        self._read: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, from the first time on the same."""
        if path not in self._read:
            self._read[path] = self._source.read(path)
        return self._read[path]


def _most(path: str) -> int:
    if path == CHECKPOINT:
        return LARGEST_NOTE
    tile = parse_tile_path(path)
    assert tile is not None
    return _LARGEST_BUNDLE if tile.level == ENTRIES else WIDTH * HASH_SIZE
