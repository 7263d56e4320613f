"""Bytes by digest from whoever has them: many small blobs in one answer, large ones side by side.

Nobody is trusted with anything: what does not have its digest is thrown away, and whoever sent it is not
asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import StrEnum
from itertools import islice

from hashstore.blobstore import BlobStore, Sealed
from hashstore.digest import Digest
from node.peers.client import PeerClient, PeerMisbehaved, PeerUnreachable, Refusal, copy_body
from node.peers.link import Answer, PeerLink
from node.serve.pack import HEADER, Frame, MalformedPack, PackState, decode_frame, encode_request

THREADS = 16
LARGEST_BLOB = 64 << 30
_PACKED = 500  # blobs asked for in one pack
_BATCH_BLOBS = 2_000
_BATCH_BYTES = 256 << 20
_BUFFER = 256 << 10  # fits the processor's cache, so hashing and writing find it there


class Outcome(StrEnum):
    """What became of a blob that was wanted."""

    HERE = "here"
    FETCHED = "fetched"
    WITHDRAWN = "withdrawn"
    NOWHERE = "nowhere"


class Sources:
    """The peers that may have bytes, a connection to each for each thread, and those given up."""

    def __init__(
        self,
        urls: Sequence[str],
        say: Callable[[str], None] = lambda text: None,
        *,
        connect: Callable[[str], PeerLink] = PeerClient,
        withdrawers: Container[str] | None = None,
    ) -> None:
        """Connects to nobody yet.

        Args:
            urls: Base URLs, the ones to be asked first in front.
            say: Told in words of a peer that is given up, and why.
            connect: Makes a connection to a base URL.
            withdrawers: Base URLs of those whose word counts when they say that a blob was withdrawn, such as
                its publisher's; everybody's if left out.
        """
        self._urls = list(dict.fromkeys(urls))
        self._say = say
        self._connect = connect
        self._withdrawers = withdrawers
        self._given_up: set[str] = set()
        self._local = threading.local()
        self._clients: list[PeerLink] = []
        self._lock = threading.Lock()

    def clients(self, first: int = 0) -> Iterator[PeerLink]:
        """This thread's connections to the peers worth asking, beginning with another one each time."""
        count = len(self._urls)
        for number in range(count):
            url = self._urls[(first + number) % count]
            if url not in self._given_up:
                yield self._client(url)

    def may_withdraw(self, client: PeerLink) -> bool:
        """Whether a peer is believed when it says that a blob was withdrawn."""
        return self._withdrawers is None or client.url in self._withdrawers

    def give_up(self, client: PeerLink, error: Exception) -> None:
        """Ask a peer no more."""
        with self._lock:
            if client.url in self._given_up:
                return
            self._given_up.add(client.url)
        self._say(f"{client.url} is not asked any more: {error}")

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients:
            client.close()

    def _client(self, url: str) -> PeerLink:
        mine: dict[str, PeerLink] = self._local.__dict__.setdefault("clients", {})
        if url not in mine:
            mine[url] = self._connect(url)
            with self._lock:
                self._clients.append(mine[url])
        return mine[url]


Found = tuple[Digest, Outcome, Sealed | None]


def bring(
    store: BlobStore, sources: Sources, digests: Iterable[Digest], *, threads: int = THREADS
) -> Iterator[tuple[Digest, Outcome]]:
    """Fetch blobs that are not here; an answer `FETCHED` comes when the blob is durable.

    Args:
        store: Where they go.
        sources: Who may have them.
        digests: Which; in any order, each answered once.
        threads: Requests at a time.

    Raises:
        StoreFull: there is no room; what was answered before is safe.
    """
    wanted = iter(dict.fromkeys(digests))
    work = _Work(store, sources)
    pending: set[Future[list[Found]]] = set()
    batch = _Batch(store)
    with ThreadPoolExecutor(threads, thread_name_prefix="bring") as pool:
        try:
            for number, chunk in enumerate(iter(lambda: list(islice(wanted, _PACKED)), [])):
                missing = []
                for digest in chunk:
                    if store.contains(digest):
                        yield digest, Outcome.HERE
                    else:
                        missing.append(digest)
                if missing:
                    pending.add(pool.submit(work.small, missing, number))
                yield from _collect(pool, work, pending, batch, threads * 2)
            while pending:
                yield from _collect(pool, work, pending, batch, 0)
            yield from batch.commit()
        finally:
            for future in pending:
                future.cancel()
            batch.discard(pending)


def _collect(
    pool: ThreadPoolExecutor, work: _Work, pending: set[Future[list[Found]]], batch: _Batch, room: int
) -> Iterator[tuple[Digest, Outcome]]:
    """Take in what is done, until no more than `room` requests are under way."""
    while len(pending) > room:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        pending -= done
        for future in done:
            for digest, outcome, sealed in future.result():
                if sealed is not None:
                    batch.add(sealed)
                elif outcome is Outcome.HERE:
                    # Too large for a pack, or a pack could not be had: to be asked for by itself.
                    pending.add(pool.submit(work.alone, digest))
                else:
                    yield digest, outcome
        if batch.is_full:
            yield from batch.commit()


class _Batch:
    """Blobs that are staged, to be made durable together."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._sealed: list[Sealed] = []

    @property
    def is_full(self) -> bool:
        return len(self._sealed) >= _BATCH_BLOBS or sum(s.size for s in self._sealed) >= _BATCH_BYTES

    def add(self, sealed: Sealed) -> None:
        self._sealed.append(sealed)

    def commit(self) -> Iterator[tuple[Digest, Outcome]]:
        sealed, self._sealed = self._sealed, []
        if sealed:
            self._store.commit(sealed)
        for one in sealed:
            yield one.digest, Outcome.FETCHED

    def discard(self, pending: set[Future[list[Found]]]) -> None:
        """Forget what was staged and never committed, in requests that were still under way too."""
        left = list(self._sealed)
        for future in pending:
            if not future.cancelled() and future.exception() is None:
                left += [sealed for _, _, sealed in future.result() if sealed is not None]
        self._store.discard(left)


class _Work:
    """What threads do: ask, hash while writing, compare."""

    def __init__(self, store: BlobStore, sources: Sources) -> None:
        self._store = store
        self._sources = sources
        self._local = threading.local()

    def _buffer(self) -> bytearray:
        """This thread's buffer: a fresh one for each blob would cost as much as the copying itself."""
        found: bytearray | None = getattr(self._local, "buffer", None)
        if found is None:
            found = self._local.buffer = bytearray(_BUFFER)
        return found

    def small(self, digests: list[Digest], number: int) -> list[Found]:
        """Ask peers for a pack, one after the other, until each has an answer; HERE means: ask alone."""
        left = dict.fromkeys(digests)
        found: list[Found] = []
        gone: set[Digest] = set()
        packless = False
        for client in self._sources.clients(number):
            if not left:
                break
            try:
                # What came before a peer broke off or lied is as good as any.
                for one in self._packed(client, left, gone):
                    found.append(one)
                    del left[one[0]]
            except PeerUnreachable as error:
                self._sources.give_up(client, error)
            except PeerMisbehaved as error:
                # Static copies of a node offer no packs, but may have every blob.
                packless = packless or "status" in str(error)
                if "status" not in str(error):
                    self._sources.give_up(client, error)
        for digest in left:
            alone = packless and digest not in gone
            outcome = Outcome.HERE if alone else Outcome.WITHDRAWN if digest in gone else Outcome.NOWHERE
            found.append((digest, outcome, None))
        return found

    def _packed(self, client: PeerLink, left: Mapping[Digest, None], gone: set[Digest]) -> Iterator[Found]:
        """What one peer's pack brings, one by one; what it says was withdrawn goes into `gone`."""
        wanted = list(left)
        headers = {"content-type": "application/octet-stream"}
        with client.answer(
            "POST", "/pack", body=encode_request(wanted), most=len(wanted) << 18, headers=headers
        ) as answer:
            if isinstance(answer, Refusal):
                raise PeerMisbehaved(f"{client.url}/pack answered with status {answer.status}.")
            for asked in wanted:
                frame = _frame(client, answer)
                if frame.digest != asked:
                    raise PeerMisbehaved(f"{client.url} answered for {frame.digest}, asked was {asked}.")
                if frame.state is PackState.WITHDRAWN:
                    gone |= {asked} if self._sources.may_withdraw(client) else set()
                elif frame.state is PackState.ASK_ALONE:
                    yield asked, Outcome.HERE, None
                elif frame.state is PackState.HERE:
                    yield asked, Outcome.FETCHED, self._kept(client, asked, answer.read(frame.length))

    def _kept(self, client: PeerLink, asked: Digest, data: bytes) -> Sealed:
        if Digest.of(data) != asked:
            raise PeerMisbehaved(f"{client.url} sent other bytes than {asked}.")
        with self._store.stage() as staging:
            staging.write(data)
            return staging.seal()

    def alone(self, digest: Digest) -> list[Found]:
        """Ask peers for one blob, one after the other; what one began another may go on with."""
        outcome = Outcome.NOWHERE
        for client in self._sources.clients(digest.raw[0]):
            try:
                sealed = self._streamed(client, digest)
            except PeerUnreachable as error:
                self._sources.give_up(client, error)
                continue
            except PeerMisbehaved as error:
                self._sources.give_up(client, error)
                continue
            if isinstance(sealed, Sealed):
                return [(digest, Outcome.FETCHED, sealed)]
            if sealed.status == 410 and self._sources.may_withdraw(client):
                outcome = Outcome.WITHDRAWN
        return [(digest, outcome, None)]

    def _streamed(self, client: PeerLink, digest: Digest) -> Sealed | Refusal:
        with self._store.stage() as staging:
            path = f"/blob/sha256/{digest.hex}"
            with client.answer("GET", path, most=LARGEST_BLOB) as answer:
                if isinstance(answer, Refusal):
                    return answer
                copy_body(answer, staging.write, LARGEST_BLOB, self._buffer())
            sealed = staging.seal()
        if sealed.digest != digest:
            self._store.discard([sealed])
            raise PeerMisbehaved(f"{client.url} sent other bytes than {digest}.")
        return sealed


def _frame(client: PeerLink, answer: Answer) -> Frame:
    try:
        return decode_frame(answer.read(HEADER))
    except MalformedPack as error:
        raise PeerMisbehaved(f"{client.url}/pack: {error}") from error
