"""Bytes by digest from whoever has them: many small blobs in one answer, large ones side by side.

Nobody is trusted with anything: what does not have its digest is thrown away, and whoever sent it is not
asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from itertools import islice

from hashstore.blobstore import BlobStore, Sealed
from hashstore.blobstore.interface import Chunk, Staging
from hashstore.digest import Digest
from node.errors import DiskNearlyFull, LimitReached
from node.peers.client import (
    PeerClient,
    PeerMisbehaved,
    PeerUnreachable,
    Refusal,
    TooLarge,
    UnexpectedStatus,
    copy_body,
    read_exactly,
)
from node.peers.link import Answer, PeerLink
from node.peers.under_way import Landing, Requests
from node.serve.pack import (
    HEADER,
    LARGEST_PACKED,
    Frame,
    MalformedPack,
    PackState,
    decode_frame,
    encode_request,
)

THREADS = 16
LARGEST_BLOB = 64 << 30
_PACKED = 500  # blobs asked for in one pack
_BUFFER = 256 << 10  # fits the processor's cache, so hashing and writing find it there


class Outcome(StrEnum):
    """What became of a blob that was wanted. `WITHDRAWN` is what a peer says, and nobody else has it."""

    HERE = "here"
    FETCHED = "fetched"
    WITHDRAWN = "withdrawn"
    NOWHERE = "nowhere"


class Sources:
    """The peers that may have bytes, a connection to each for each thread, and those given up.

    Attributes:
        fetched: How many blobs came from them.
        spent: How many bytes were charged.
    """

    def __init__(
        self,
        urls: Sequence[str],
        say: Callable[[str], None] = lambda text: None,
        *,
        connect: Callable[[str], PeerLink] = PeerClient,
        allow: Callable[[int], None] = lambda count: None,
    ) -> None:
        """Connects to nobody yet.

        Args:
            urls: Base URLs, the ones to be asked first in front.
            say: Told in words of a peer that is given up, and why.
            connect: Makes a connection to a base URL.
            allow: Told of each number of bytes before they are kept; raises where there may be no more.
        """
        self._urls = list(dict.fromkeys(urls))
        self._say = say
        self._connect = connect
        self._allow = allow
        self.fetched = 0
        self.spent = 0
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

    def charge(self, count: int) -> None:
        """Take down that so many bytes are about to be kept, or are here already.

        Raises:
            LimitReached, DiskNearlyFull: there may be no more.
        """
        with self._lock:
            self.spent += count
        self._allow(count)

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
    store: BlobStore,
    sources: Sources,
    digests: Iterable[Digest],
    *,
    threads: int = THREADS,
    most: Mapping[Digest, int] | None = None,
) -> Iterator[tuple[Digest, Outcome]]:
    """Fetch blobs that are not here; an answer `FETCHED` comes when the blob is durable.

    Args:
        store: Where they go.
        sources: Who may have them.
        digests: Which; in any order, each answered once.
        threads: Requests at a time.
        most: How many bytes a blob may have; of one that is not in it, 64 GiB.

    Raises:
        StoreFull: there is no room; what was answered before is safe.
        LimitReached, DiskNearlyFull: there may be no more; likewise.
    """
    wanted = iter(dict.fromkeys(digests))
    work = _Work(store, sources, most or {})
    with (
        ThreadPoolExecutor(threads, thread_name_prefix="bring") as pool,
        ThreadPoolExecutor(1, thread_name_prefix="land") as lander,
    ):
        requests, landing = Requests(pool, work.small, work.alone, threads * 2), Landing(store, lander)
        try:
            for chunk in iter(lambda: list(islice(wanted, _PACKED)), []):
                missing = []
                for digest in chunk:
                    if store.contains(digest):
                        yield digest, Outcome.HERE
                    else:
                        missing.append(digest)
                if missing:
                    requests.pack(missing)
                while requests.is_full:
                    yield from _collect(sources, requests, landing)
            while requests:
                yield from _collect(sources, requests, landing)
            yield from _fetched(sources, landing.finish())
        except (LimitReached, DiskNearlyFull):
            # Or the same would be fetched at each sync, only to be thrown away.
            yield from _fetched(sources, landing.finish())
            raise
        finally:
            landing.discard(
                sealed for found in requests.cancel() for _, _, sealed in found if sealed is not None
            )


def _collect(
    sources: Sources, requests: Requests[list[Found]], landing: Landing
) -> Iterator[tuple[Digest, Outcome]]:
    """Take in what has come."""
    for found in requests.done():
        for _, _, sealed in found:
            if sealed is not None:
                landing.add(sealed)
        for digest, outcome, sealed in found:
            if sealed is None and outcome is Outcome.HERE:
                # Too large for a pack, or a pack could not be had: to be asked for by itself.
                requests.alone(digest)
            elif sealed is None:
                yield digest, outcome
    if landing.is_full:
        yield from _fetched(sources, landing.begin())


def _fetched(sources: Sources, landed: Iterable[Digest]) -> Iterator[tuple[Digest, Outcome]]:
    for digest in landed:
        sources.fetched += 1
        yield digest, Outcome.FETCHED


class _Work:
    """What threads do: ask, hash while writing, compare."""

    def __init__(self, store: BlobStore, sources: Sources, most: Mapping[Digest, int]) -> None:
        self._store = store
        self._sources = sources
        self._most = most
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
        try:
            for client in self._sources.clients(number):
                if not left:
                    break
                packless = not self._ask(client, left, found, gone) or packless
        except BaseException:
            self._store.discard([sealed for _, _, sealed in found if sealed is not None])
            raise
        for digest in left:
            # Whoever offers no packs may have what others say to be withdrawn.
            outcome = Outcome.HERE if packless else Outcome.WITHDRAWN if digest in gone else Outcome.NOWHERE
            found.append((digest, outcome, None))
        return found

    def _ask(self, client: PeerLink, left: dict[Digest, None], found: list[Found], gone: set[Digest]) -> bool:
        """Move what a peer's pack brings from `left` to `found`; returns whether it offers packs at all."""
        try:
            # What came before a peer broke off or lied is as good as any.
            for one in self._packed(client, left, gone):
                found.append(one)
                del left[one[0]]
        except UnexpectedStatus:
            return False  # static copies of a node offer no packs, but may have every blob
        except (PeerUnreachable, PeerMisbehaved) as error:
            self._sources.give_up(client, error)
        return True

    def _packed(self, client: PeerLink, left: Mapping[Digest, None], gone: set[Digest]) -> Iterator[Found]:
        """What one peer's pack brings, one by one; what it says was withdrawn goes into `gone`."""
        wanted = list(left)
        headers = {"content-type": "application/octet-stream"}
        body, most = encode_request(wanted), len(wanted) * (HEADER + LARGEST_PACKED)
        with client.answer("POST", "/pack", body=body, most=most, headers=headers) as answer:
            if isinstance(answer, Refusal):
                raise UnexpectedStatus(f"{client.url}/pack answered with status {answer.status}.")
            for asked in wanted:
                frame = _frame(client, answer)
                if frame.digest != asked:
                    raise PeerMisbehaved(f"{client.url} answered for {frame.digest}, asked was {asked}.")
                if frame.state is PackState.WITHDRAWN:
                    gone.add(asked)
                elif frame.state is PackState.ASK_ALONE:
                    yield asked, Outcome.HERE, None
                elif frame.state is PackState.HERE:
                    yield (
                        asked,
                        Outcome.FETCHED,
                        self._kept(client, asked, read_exactly(answer, frame.length)),
                    )

    def _kept(self, client: PeerLink, asked: Digest, data: bytes) -> Sealed:
        self._sources.charge(len(data))
        with self._store.stage() as staging:
            staging.write(data)
            return self._checked(client, asked, staging.seal())

    def _checked(self, client: PeerLink, asked: Digest, sealed: Sealed) -> Sealed:
        if sealed.digest != asked:
            self._store.discard([sealed])
            raise PeerMisbehaved(f"{client.url} sent other bytes than {asked}.")
        return sealed

    def alone(self, digest: Digest) -> list[Found]:
        """Ask peers for one blob, one after the other."""
        outcome = Outcome.NOWHERE
        for client in self._sources.clients(digest.raw[0]):
            try:
                sealed = self._streamed(client, digest)
            except TooLarge:
                continue
            except (PeerUnreachable, PeerMisbehaved) as error:
                self._sources.give_up(client, error)
                continue
            if isinstance(sealed, Sealed):
                return [(digest, Outcome.FETCHED, sealed)]
            if sealed.status == 410:
                outcome = Outcome.WITHDRAWN
        return [(digest, outcome, None)]

    def _write(self, staging: Staging, chunk: Chunk) -> None:
        self._sources.charge(len(chunk))
        staging.write(chunk)

    def _streamed(self, client: PeerLink, digest: Digest) -> Sealed | Refusal:
        most = self._most.get(digest, LARGEST_BLOB)
        with self._store.stage() as staging:
            path = f"/blob/sha256/{digest.hex}"
            with client.answer("GET", path, most=most) as answer:
                if isinstance(answer, Refusal):
                    return answer
                copy_body(answer, partial(self._write, staging), most, self._buffer())
            return self._checked(client, digest, staging.seal())


def _frame(client: PeerLink, answer: Answer) -> Frame:
    try:
        return decode_frame(read_exactly(answer, HEADER))
    except MalformedPack as error:
        raise PeerMisbehaved(f"{client.url}/pack: {error}") from error
