"""Bytes from whoever has them: a liar costs one answer, every digest gets one, and nothing half is left."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashstore.blobstore import DirectoryBlobStore
from hashstore.digest import Digest
from hashstore.errors import StoreFull
from node.errors import LimitReached
from node.peers.bring import Outcome, Sources, bring
from node.serve.pack import LARGEST_PACKED, Frame, PackState, decode_request

if TYPE_CHECKING:
    from tests.node.peers.conftest import Rogue, Rogues

BLOBS = {Digest.of(data): data for data in (random.Random(n).randbytes(300 * n) for n in range(1, 40))}
BLOBS[Digest.of(bytes(LARGEST_PACKED + 1))] = bytes(LARGEST_PACKED + 1)
Twist = Callable[[str, bytes], bytes | None]


def _request(line: socket.socket) -> tuple[str, bytes]:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = line.recv(1)
        if not part:
            raise OSError
        head += part
    length = next(
        (int(f.split(b":")[1]) for f in head.lower().split(b"\r\n") if f.startswith(b"content-len")), 0
    )
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return head.split()[1].decode(), body


def _frame(digest: Digest, state: PackState | None) -> bytes:
    data = BLOBS.get(digest)
    if state is not None or data is None:
        return Frame(digest, state or PackState.NOT_HERE, 0).encode()
    if len(data) > LARGEST_PACKED:
        return Frame(digest, PackState.ASK_ALONE, 0).encode()
    return Frame(digest, PackState.HERE, len(data)).encode() + data


def serving(
    twist: Twist = lambda path, body: body, state: PackState | None = None
) -> Callable[[socket.socket], None]:
    """A peer that has all blobs, bent by `twist`; None from that is a hang-up."""

    def behave(line: socket.socket) -> None:
        while True:
            path, asked = _request(line)
            if path == "/pack":
                status, body = 200, b"".join(_frame(digest, state) for digest in decode_request(asked))
            else:
                found = BLOBS.get(Digest.parse(path.rpartition("/")[2])) if state is None else None
                status = 200 if found is not None else 410 if state is PackState.WITHDRAWN else 404
                body = found or b""
            answer = twist(path, body)
            if answer is None:
                return
            line.sendall(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(answer)) + answer)

    return behave


def _refusing_packs(line: socket.socket) -> None:
    while True:
        path, _ = _request(line)
        found = BLOBS.get(Digest.parse(path.rpartition("/")[2])) if path != "/pack" else None
        head = b"HTTP/1.1 405 No" if found is None else b"HTTP/1.1 200 OK"
        line.sendall(head + b"\r\ncontent-length: %d\r\n\r\n" % len(found or b"") + (found or b""))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DirectoryBlobStore]:
    yield DirectoryBlobStore(tmp_path / "blobs")
    assert _staged(tmp_path / "blobs") == []


def _staged(root: Path) -> list[Path]:
    return list((root / "tmp").glob("session-*/[0-9]*"))


def _brought(store: DirectoryBlobStore, *peers: Rogue, **settings_: object) -> dict[Digest, Outcome]:
    sources = Sources([peer.url for peer in peers], **settings_)  # type: ignore[arg-type]
    try:
        answers = list(bring(store, sources, BLOBS, threads=3))
    finally:
        sources.close()
    assert len(answers) == len(BLOBS)  # each digest once
    return dict(answers)


_LIES: dict[str, Twist] = {
    "other-bytes": lambda path, body: body[:-1] + b"?",
    "other-bytes-in-the-midst": lambda path, body: body[: len(body) // 2] + b"?" + body[len(body) // 2 + 1 :],
    "cut-off": lambda path, body: body[: len(body) // 2],
    "garbage": lambda path, body: bytes(len(body)),
    "nothing": lambda path, body: b"",
    "hang-up": lambda path, body: None,
    "too-much": lambda path, body: body + bytes(100),
}


@pytest.mark.parametrize("lie", _LIES)
def test_one_liar_among_three_is_dropped_and_every_byte_still_comes(
    rogue: Rogues, store: DirectoryBlobStore, lie: str
) -> None:
    said: list[str] = []
    liar = rogue(serving(_LIES[lie]))
    found = _brought(store, liar, rogue(serving()), rogue(serving()), say=said.append)
    assert set(found.values()) == {Outcome.FETCHED}
    assert all(store.read(digest) == data for digest, data in BLOBS.items())
    if lie != "too-much":  # what follows a whole pack is nobody's harm
        assert [text.split(" ")[0] for text in said] == [liar.url]


@pytest.mark.parametrize("state", [PackState.NOT_HERE, PackState.WITHDRAWN, PackState.ASK_ALONE])
def test_who_has_nothing_does_not_keep_others_from_giving(
    rogue: Rogues, store: DirectoryBlobStore, state: PackState
) -> None:
    found = _brought(store, rogue(serving(state=state)), rogue(serving()))
    assert set(found.values()) == {Outcome.FETCHED}


def test_who_says_that_all_is_withdrawn_keeps_no_static_copy_from_giving(
    rogue: Rogues, store: DirectoryBlobStore
) -> None:
    anyone = rogue(serving(state=PackState.WITHDRAWN))
    assert set(_brought(store, anyone).values()) == {Outcome.WITHDRAWN}
    assert set(_brought(store, anyone, rogue(_refusing_packs)).values()) == {Outcome.FETCHED}


def test_what_came_before_a_limit_stays(rogue: Rogues, store: DirectoryBlobStore) -> None:
    left = [sum(len(data) for data in BLOBS.values()) // 2]

    def allow(count: int) -> None:
        left[0] -= count
        if left[0] < 0:
            raise LimitReached("there may be no more")

    with pytest.raises(LimitReached):
        _brought(store, rogue(serving()), allow=allow)
    assert set(store.digests()) < BLOBS.keys()
    assert set(_brought(store, rogue(serving())).values()) <= {Outcome.FETCHED, Outcome.HERE}


def test_what_is_here_is_not_asked_for(rogue: Rogues, store: DirectoryBlobStore) -> None:
    peer = rogue(serving())
    _brought(store, peer)
    before = peer.connections
    assert set(_brought(store, peer).values()) == {Outcome.HERE}
    assert peer.connections == before


def test_a_copy_of_static_files_offers_no_packs_and_gives_all(
    rogue: Rogues, store: DirectoryBlobStore
) -> None:
    assert set(_brought(store, rogue(_refusing_packs)).values()) == {Outcome.FETCHED}


def test_without_peers_everything_is_nowhere(store: DirectoryBlobStore) -> None:
    assert set(_brought(store).values()) == {Outcome.NOWHERE}


def test_a_blob_that_is_larger_than_it_may_be_is_not_taken(rogue: Rogues, store: DirectoryBlobStore) -> None:
    large = Digest.of(bytes(LARGEST_PACKED + 1))
    sources = Sources([rogue(serving()).url])
    assert list(bring(store, sources, [large], most={large: LARGEST_PACKED})) == [(large, Outcome.NOWHERE)]
    sources.close()


class _FullStore(DirectoryBlobStore):
    """A disk that is full when blobs are to be made durable."""

    def commit(self, sealed: object) -> None:
        self.discard(list(sealed))  # type: ignore[call-overload]
        raise StoreFull("no space is left")


class _FullStaging(DirectoryBlobStore):
    """A disk that is full after some blobs were staged."""

    left = 10

    def stage(self):  # type: ignore[no-untyped-def]
        self.left -= 1
        if self.left < 0:
            raise StoreFull("no space is left")
        return super().stage()


@pytest.mark.parametrize("kind", [_FullStore, _FullStaging])
def test_a_full_disk_is_told_and_nothing_staged_is_left(
    rogue: Rogues, tmp_path: Path, kind: type[DirectoryBlobStore]
) -> None:
    store = kind(tmp_path / "blobs")
    sources = Sources([rogue(serving()).url])
    with pytest.raises(StoreFull):
        list(bring(store, sources, BLOBS, threads=3))
    sources.close()
    assert _staged(tmp_path / "blobs") == []


def test_who_stops_in_the_midst_leaves_nothing_staged(rogue: Rogues, tmp_path: Path) -> None:
    store = DirectoryBlobStore(tmp_path / "blobs")
    sources = Sources([rogue(serving()).url])
    answers = bring(store, sources, [*BLOBS, Digest.of(b"nowhere")], threads=3)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    sources.close()
    assert _staged(tmp_path / "blobs") == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 200_000), st.binary(min_size=1, max_size=60))
def test_wherever_an_answer_is_bent_no_wrong_byte_comes_in(
    rogue: Rogues, tmp_path_factory: pytest.TempPathFactory, at: int, by: bytes
) -> None:
    root = tmp_path_factory.mktemp("bent") / "blobs"
    store = DirectoryBlobStore(root)
    bent = rogue(
        serving(lambda path, body: body[: at % max(1, len(body))] + by + body[at % max(1, len(body)) :])
    )
    found = _brought(store, bent)
    for digest, outcome in found.items():
        assert (outcome is Outcome.FETCHED) == store.contains(digest)
        if store.contains(digest):
            assert store.read(digest) == BLOBS[digest]
    assert _staged(root) == []
    bent.close()
