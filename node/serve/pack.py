"""Many small blobs in one answer (spec/server.md): a request of digests, an answer of frames.

A frame is the digest (32 bytes), a state (1 byte), the length (8 bytes, big-endian), and that many bytes. The
receiver checks each by its digest, so nothing here has to be trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from hashstore.digest import Digest

MEDIA_TYPE = "application/vnd.vasculum.pack"
MOST_BLOBS = 10_000
LARGEST_PACKED = 256 * 1024  # bytes; a larger blob is asked for by itself, as a file
HEADER = 41


class PackState(IntEnum):
    """What became of a blob that was asked for."""

    HERE = 0
    NOT_HERE = 1
    WITHDRAWN = 2
    ASK_ALONE = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The beginning of a frame.

    Attributes:
        digest: Which blob.
        state: What became of it.
        length: How many bytes follow; 0 unless it is here.
    """

    digest: Digest
    state: PackState
    length: int

    def encode(self) -> bytes:
        """Its 41 bytes."""
        return self.digest.raw + bytes([self.state]) + self.length.to_bytes(8)


class MalformedPack(ValueError):
    """The bytes are no request for a pack, or no frame."""


def decode_frame(header: bytes) -> Frame:
    """Read the beginning of a frame.

    Raises:
        MalformedPack: it is none, or promises more than a pack may carry.
    """
    if len(header) != HEADER or header[32] not in set(PackState):
        raise MalformedPack("The pack is cut off or garbled.")
    frame = Frame(Digest(header[:32]), PackState(header[32]), int.from_bytes(header[33:]))
    most = LARGEST_PACKED if frame.state is PackState.HERE else 0
    if frame.length > most:
        raise MalformedPack(f"The pack promises {frame.length} bytes for {frame.digest}; {most} are allowed.")
    return frame


def encode_request(digests: Sequence[Digest]) -> bytes:
    """The body of a request."""
    return b"".join(digest.raw for digest in digests)


def decode_request(body: bytes) -> Iterator[Digest]:
    """The digests that a request names, in its order.

    Raises:
        MalformedPack: they are none, too many, or cut off.
    """
    count, rest = divmod(len(body), 32)
    if rest or not 0 < count <= MOST_BLOBS:
        raise MalformedPack(f"A pack is asked for by 1 to {MOST_BLOBS} digests of 32 bytes each.")
    return (Digest(body[start : start + 32]) for start in range(0, len(body), 32))
