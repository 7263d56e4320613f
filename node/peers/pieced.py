"""A large blob by pieces of 1 MiB from several peers at once, each checked as it comes (spec/pieces.md)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from hashstore.blobstore import BlobStore, Sealed
from hashstore.digest import Digest
from hashstore.errors import InvalidProof
from hashstore.merkle import leaf_hash
from hashstore.pieces import PIECE, Pieces, pieces_of_hashes
from node.errors import PeerError
from node.peers.bring import Sources
from node.peers.client import PeerMisbehaved, Refusal
from node.peers.link import PeerLink
from node.slices.auditing import LARGEST_ANSWER, AuditRequest, MalformedAudit, decode_answer

THREADS = 8
_AHEAD = 24  # pieces under way or waiting for their turn to be written


def bring_pieced(
    store: BlobStore, sources: Sources, digest: Digest, known: Sequence[Pieces], *, threads: int = THREADS
) -> bool:
    """Fetch one large blob; it is durable when this returns true.

    A log may lie about a root, and then honest pieces seem wrong. So a peer is dropped at its first bad piece
    for this root only, and given up altogether once the whole blob has proved the root right.

    Args:
        store: Where it goes.
        sources: Who may have it.
        digest: Which blob.
        known: What logs say of its pieces, the most trusted first.
        threads: Pieces under way at a time.

    Returns:
        Whether it came; if not, it is to be asked for whole.
    """
    for pieces in known:
        work = _Work(sources, digest, pieces)
        sealed = _assembled(store, work, threads) if work.agree() else None
        if sealed is None:
            continue
        if sealed.digest != digest:
            store.discard([sealed])  # the root was somebody's lie
            continue
        store.commit([sealed])
        for client, error in work.suspects.values():
            sources.give_up(client, error)
        return True
    return False


def _assembled(store: BlobStore, work: _Work, threads: int) -> Sealed | None:
    """All pieces in their order; None if one of them cannot be had."""
    with store.stage() as staging, ThreadPoolExecutor(threads, thread_name_prefix="piece") as pool:
        under_way: deque[Future[bytes | None]] = deque()
        try:
            for index in range(work.pieces.count):
                under_way.append(pool.submit(work.piece, index))
                if len(under_way) >= _AHEAD and not _wrote(staging.write, under_way.popleft().result()):
                    return None
            while under_way:
                if not _wrote(staging.write, under_way.popleft().result()):
                    return None
            return staging.seal()
        finally:
            for future in under_way:
                future.cancel()


def _wrote(write: Callable[[bytes], None], piece: bytes | None) -> bool:
    if piece is not None:
        write(piece)
    return piece is not None


@dataclass(slots=True)
class _Work:
    """One blob under one root.

    Attributes:
        sources: Who may have it.
        digest: Which blob.
        pieces: What a log says of it.
        hashes: The leaf hash of each piece, once a peer has shown hashes that lead to the root.
        suspects: Peers whose pieces did not fit, by URL, and why.
    """

    sources: Sources
    digest: Digest
    pieces: Pieces
    hashes: tuple[bytes, ...] = ()
    suspects: dict[str, tuple[PeerLink, PeerMisbehaved]] = field(default_factory=dict)

    def agree(self) -> bool:
        """Ask for the hashes of all pieces until some lead to the root; whether any did."""
        for client in self.sources.clients():
            try:
                answer = decode_answer(self._ask(client))
                if pieces_of_hashes(answer.size, answer.hashes) == self.pieces:
                    self.hashes = answer.hashes
                    return True
            except (PeerError, MalformedAudit, InvalidProof):
                continue
        return False

    def piece(self, index: int) -> bytes | None:
        """One piece, checked; None if no peer has it right."""
        for client in self.sources.clients(index):
            if client.url in self.suspects:
                continue
            try:
                data = self._range(client, index)
            except PeerMisbehaved as error:
                self.suspects[client.url] = (client, error)
                continue
            except PeerError:
                continue
            if data is None:
                continue
            if leaf_hash(data) == self.hashes[index]:
                return data
            wrong = PeerMisbehaved(f"{client.url} sent a wrong piece {index} of {self.digest}.")
            self.suspects[client.url] = (client, wrong)
        return None

    def _ask(self, client: PeerLink) -> bytes:
        fields = {"content-type": "application/json"}
        body = AuditRequest(self.digest, ()).encode()
        with client.answer("POST", "/audit", body=body, most=LARGEST_ANSWER, headers=fields) as answer:
            return b"" if isinstance(answer, Refusal) else answer.read(LARGEST_ANSWER + 1)

    def _range(self, client: PeerLink, index: int) -> bytes | None:
        start, length = index * PIECE, self.pieces.length(index)
        fields = {"range": f"bytes={start}-{start + length - 1}"}
        path = f"/blob/sha256/{self.digest.hex}"
        with client.answer("GET", path, most=length, headers=fields) as answer:
            return None if isinstance(answer, Refusal) else answer.read(length + 1)
