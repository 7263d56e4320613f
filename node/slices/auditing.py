"""Audits, without sockets: which pieces to ask for, how a claimant answers, and whether it is right."""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Final

from hashstore.blobstore import BlobStore
from hashstore.canonical import canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError, InvalidProof
from hashstore.pieces import (
    LARGEST_UNPIECED,
    PIECE,
    Pieces,
    check_piece,
    piece_count,
    piece_hashes,
    piece_length,
    pieces_of_hashes,
    prove_piece,
)

MOST_PIECES: Final = 16
LARGEST_REQUEST: Final = 4096
LARGEST_ANSWER: Final = MOST_PIECES * (PIECE * 4 // 3 + 4096) + 4096
_DEEPEST_PATH: Final = 64
# What logs say of sizes is not checked: no blob may draw more than its share of attention.
_MOST_WEIGHT: Final = 2048


class MalformedAudit(ValueError):
    """The bytes are no request for pieces, or no answer to one."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Some pieces of a blob; with none, the hashes of all its pieces are asked for."""

    digest: Digest
    pieces: tuple[int, ...]

    def encode(self) -> bytes:
        """The request's body."""
        if not self.pieces:
            return canonical_json({"digest": self.digest.uri, "hashes": True})
        return canonical_json({"digest": self.digest.uri, "pieces": list(self.pieces)})


@dataclass(frozen=True, slots=True)
class AnsweredPiece:
    """A piece as a claimant gives it: its bytes, and the path to the root."""

    data: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AuditAnswer:
    """What a claimant answers; nothing of it is believed yet.

    Attributes:
        size: The blob's size.
        pieces: Those asked for, by number.
        hashes: The leaf hashes of all pieces, where those were asked for.
    """

    size: int
    pieces: Mapping[int, AnsweredPiece]
    hashes: tuple[bytes, ...] = ()


def decode_request(data: bytes) -> AuditRequest:
    """Read a request.

    Raises:
        MalformedAudit: it is none, or asks for too much.
    """
    if len(data) > LARGEST_REQUEST:
        raise MalformedAudit(f"A request has at most {LARGEST_REQUEST} bytes.")
    try:
        document = parse_json(data)
        if not isinstance(document, dict) or not isinstance(document.get("digest"), str):
            raise MalformedAudit("A request is an object with a digest.")
        digest = Digest.parse(document["digest"])
    except HashstoreError as error:
        raise MalformedAudit(f"The request cannot be read: {error}") from error
    if document == {"digest": document["digest"], "hashes": True}:
        return AuditRequest(digest, ())
    pieces = document.get("pieces")
    if set(document) != {"digest", "pieces"} or not isinstance(pieces, list):
        raise MalformedAudit('A request has "digest", and "pieces" or "hashes": true.')
    if not 1 <= len(pieces) <= MOST_PIECES or len(set(map(str, pieces))) < len(pieces):
        raise MalformedAudit(f"A request names 1 to {MOST_PIECES} pieces, each once.")
    if not all(type(number) is int and number >= 0 for number in pieces):
        raise MalformedAudit("Pieces are numbers, from 0.")
    return AuditRequest(digest, tuple(pieces))


def answer_audit(store: BlobStore, request: AuditRequest) -> bytes | None:
    """Answer for a blob of this node; the caller has asked policy whether it may be read.

    The whole blob is read: a path that was kept would prove nothing of the bytes.

    Returns:
        The answer's body; None if the blob, or a piece that is asked for, is not here or damaged.
    """
    try:
        with store.open(request.digest) as stream:
            size, hashes = piece_hashes(stream)
        if not request.pieces:
            joined = base64.b64encode(b"".join(hashes)).decode()
            return _encoded({"digest": request.digest.uri, "size": size, "hashes": joined})
        wanted = {index: piece_length(size, index) for index in request.pieces}
        with store.open(request.digest) as stream:
            read = _pieces(stream, wanted, size)
    except HashstoreError:
        return None
    pieces = [
        {
            "index": index,
            "data": base64.b64encode(read[index]).decode(),
            "path": [step.hex() for step in prove_piece(hashes, index)],
        }
        for index in request.pieces
    ]
    return _encoded({"digest": request.digest.uri, "size": size, "pieces": pieces})


def _pieces(stream: Any, wanted: Mapping[int, int], size: int) -> dict[int, bytes]:
    """The pieces asked for; the stream cannot seek, so it is read up to the last of them."""
    found = {}
    for index in range(max(wanted) + 1):
        data = stream.read(piece_length(size, index))
        if index in wanted:
            found[index] = data
    return found


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def decode_answer(data: bytes) -> AuditAnswer:
    """Read an answer.

    Raises:
        MalformedAudit: it is none.
    """
    if len(data) > LARGEST_ANSWER:
        raise MalformedAudit(f"An answer has at most {LARGEST_ANSWER} bytes.")
    try:
        document = parse_json(data)
        assert isinstance(document, dict)
        size = document["size"]
        assert type(size) is int
        assert size >= 0
        raw = base64.b64decode(document.get("hashes", ""), validate=True)
        hashes = tuple(raw[start : start + 32] for start in range(0, len(raw), 32))
        pieces = {piece["index"]: _piece(piece) for piece in document.get("pieces", [])}
    except (HashstoreError, AssertionError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedAudit(f"The answer cannot be read: {error or type(error).__name__}") from error
    return AuditAnswer(size, pieces, hashes)


def _piece(piece: Any) -> AnsweredPiece:
    path = piece["path"]
    if not isinstance(path, list) or len(path) > _DEEPEST_PATH:
        raise ValueError("a path is a short list of hashes")
    return AnsweredPiece(
        base64.b64decode(piece["data"], validate=True), tuple(bytes.fromhex(step) for step in path)
    )


def check_answer(request: AuditRequest, answer: AuditAnswer, known: Pieces | None) -> bool:
    """Whether an answer proves that the claimant has the pieces.

    Args:
        request: What was asked.
        answer: What came.
        known: The blob's size and root from a trusted place; None for a blob whose pieces were all asked for,
            which are then checked by its digest.
    """
    if not set(request.pieces) <= set(answer.pieces):
        return False
    if known is None:
        whole = range(piece_count(answer.size))
        joined = [answer.pieces[index].data for index in whole if index in answer.pieces]
        return len(joined) == len(whole) and Digest.of(b"".join(joined)) == request.digest
    try:
        for index in request.pieces:
            check_piece(known, index, answer.pieces[index].data, answer.pieces[index].path)
    except InvalidProof:
        return False
    return True


def check_hashes(answer: AuditAnswer, known: Pieces) -> bool:
    """Whether the hashes of all pieces belong to a root from a trusted place."""
    try:
        return pieces_of_hashes(answer.size, answer.hashes) == known
    except InvalidProof:
        return False


def draw_pieces(sizes: Sequence[int], draws: int, random: Random) -> list[tuple[int, int]]:
    """Draw pieces at random, each as likely as any other, however they are spread over blobs.

    So a claimant that lacks a share of the data is met with that probability at each draw; drawn with
    replacement, 299 draws miss a lack of 1 % with a probability of 0.99^299 < 5 %.

    Args:
        sizes: The bytes of each claimed blob; 0 where nobody knows, which counts as one piece.
        draws: How many.
        random: `random.SystemRandom()`: a claimant that could foresee the draws could keep those alone.

    Returns:
        Place of the blob and number of its piece, in the order of the draws.
    """
    if not sizes:
        return []
    weights = [min(max(piece_count(size), 1), _MOST_WEIGHT) for size in sizes]
    ends = list(accumulate(weights))
    drawn = []
    for _ in range(draws):
        place = bisect_right(ends, random.randrange(ends[-1]))
        drawn.append((place, random.randrange(max(piece_count(sizes[place]), 1))))
    return drawn


def requests_for(drawn: Mapping[Digest, set[int]], size_of: Callable[[Digest], int]) -> list[AuditRequest]:
    """What to ask for drawn pieces: a blob of up to 16 MiB whole, of a larger one just the pieces."""
    requests = []
    for digest, numbers in sorted(drawn.items()):
        size = size_of(digest)
        wanted = sorted(numbers)
        if size <= LARGEST_UNPIECED:
            wanted = list(range(max(piece_count(size), 1)))
        requests += [
            AuditRequest(digest, tuple(wanted[start : start + MOST_PIECES]))
            for start in range(0, len(wanted), MOST_PIECES)
        ]
    return requests
