"""Large blobs by pieces from several peers: real HTTP servers, some of which lie about a piece, or all."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hashstore.blobstore import MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.pieces import PIECE, Pieces, pieces_root
from node.peers.bring import Sources
from node.peers.pieced import bring_pieced
from node.serve.ranges import parse_range
from node.slices.auditing import answer_audit, decode_request

SIZE = 5 * PIECE + 12_345


@dataclass
class Peer:
    """A peer that serves one blob, perhaps not as it is.

    Attributes:
        blob: What it serves by ranges.
        audited: What it answers audits from.
        ranges: The ranges that it was asked for.
        broken: Whether it closes the connection instead of sending a range.
    """

    blob: bytes
    audited: bytes
    ranges: list[str] = field(default_factory=list)
    broken: bool = False


@contextmanager
def _serving(peer: Peer) -> Iterator[str]:
    store = MemoryBlobStore()
    digest = add_bytes(store, peer.audited)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers["range"]
            peer.ranges.append(asked)
            if peer.broken:
                self.close_connection = True
                return
            part = parse_range(asked, len(peer.blob))
            assert part is not None
            self._answer(206, peer.blob[part.start : part.stop])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = decode_request(body)
            answer = answer_audit(store, type(request)(digest, request.pieces))
            self._answer(200, answer or b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def blob() -> bytes:
    return random.Random(3).randbytes(SIZE)


@pytest.fixture(scope="module")
def pieces(blob: bytes) -> Pieces:
    return pieces_root(io.BytesIO(blob))


def _brought(peers: list[Peer], blob: bytes, known: list[Pieces]) -> tuple[bool, list[str], MemoryBlobStore]:
    store, said = MemoryBlobStore(), list[str]()
    with ExitStack() as stack:
        urls = [stack.enter_context(_serving(peer)) for peer in peers]
        sources = Sources(urls, said.append)
        stack.callback(sources.close)
        came = bring_pieced(store, sources, Digest.of(blob), known)
    return came, said, store


def test_several_peers_give_parts_of_one_blob(blob: bytes, pieces: Pieces) -> None:
    peers = [Peer(blob, blob), Peer(blob, blob), Peer(blob, blob)]
    came, said, store = _brought(peers, blob, [pieces])
    assert (came, said) == (True, [])
    assert store.read(Digest.of(blob)) == blob
    assert all(peer.ranges for peer in peers)
    assert sum(len(peer.ranges) for peer in peers) == pieces.count


def test_a_peer_is_dropped_at_its_first_bad_piece(blob: bytes, pieces: Pieces) -> None:
    liar = Peer(bytes(SIZE), blob)
    honest = Peer(blob, blob)
    came, said, store = _brought([liar, honest], blob, [pieces])
    assert came
    assert store.read(Digest.of(blob)) == blob
    (told,) = said
    assert "wrong piece" in told
    assert len(liar.ranges) <= 8  # those that were under way when the first one failed
    assert len(honest.ranges) == pieces.count


def test_a_peer_that_breaks_off_or_sends_too_little_is_not_the_last_one_asked(
    blob: bytes, pieces: Pieces
) -> None:
    peers = [Peer(blob, blob, broken=True), Peer(blob[:-1], blob), Peer(blob, blob)]
    came, _, store = _brought(peers, blob, [pieces])
    assert came
    assert store.read(Digest.of(blob)) == blob


def test_a_log_that_lies_about_the_root_brings_nobody_into_disrepute(blob: bytes, pieces: Pieces) -> None:
    other = random.Random(4).randbytes(SIZE)
    lie = pieces_root(io.BytesIO(other))
    accomplice, honest = Peer(other, other), Peer(blob, blob)
    came, said, store = _brought([accomplice, honest], blob, [lie, pieces])
    assert came
    assert store.read(Digest.of(blob)) == blob
    assert all("http" in text for text in said)
    assert len(said) <= 1  # the accomplice alone may be given up


def test_where_only_a_lie_is_known_nothing_lands(blob: bytes) -> None:
    other = random.Random(4).randbytes(SIZE)
    lie = pieces_root(io.BytesIO(other))
    came, said, store = _brought([Peer(other, other), Peer(blob, blob)], blob, [lie])
    assert (came, said) == (False, [])
    assert list(store.digests()) == []
