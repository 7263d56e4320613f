"""Where the bytes of members come from, and how a claimant is asked: plain functions, over HTTP or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from hashstore.blobstore import BlobStore, Sealed
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from node.peers.bring import Outcome
from node.slices.auditing import LARGEST_ANSWER, AuditRequest

if TYPE_CHECKING:
    from node.compose import Node
    from node.peers.bring import Sources

Fetch: TypeAlias = Callable[[Sequence[Digest]], Iterable[tuple[Digest, Outcome]]]
"""Brings blobs into the node's store; answers each once, and `FETCHED` when it is durable."""

Ask: TypeAlias = Callable[[AuditRequest], "bytes | None"]
"""Puts a request to a claimant; None if it says that it has no such blob.

Raises:
    PeerError: no answer came.
"""

_BATCH = 64
_STEP = 1 << 20


def from_peers(node: Node, sources: Sources) -> Fetch:
    """Fetch from peers, and from where bytes were first published if no peer has them."""

    def fetch(digests: Sequence[Digest]) -> Iterator[tuple[Digest, Outcome]]:
        from node.peers.clone import Cloner
        from node.peers.expand import Wanted

        return Cloner(node, sources).fetch(Wanted(digest) for digest in digests)

    return fetch


def from_store(target: BlobStore, source: BlobStore) -> Fetch:
    """Fetch from another store on this machine: a disk that travelled, a node in the next folder."""

    def fetch(digests: Sequence[Digest]) -> Iterator[tuple[Digest, Outcome]]:
        batch: list[Sealed] = []
        for digest in digests:
            if target.contains(digest):
                yield digest, Outcome.HERE
            elif (sealed := _copied(target, source, digest)) is None:
                yield digest, Outcome.NOWHERE
            else:
                batch.append(sealed)
            if len(batch) == _BATCH:
                yield from _landed(target, batch)
                batch = []
        yield from _landed(target, batch)

    return fetch


def first_of(*ways: Fetch) -> Fetch:
    """Try one way after the other for what the ones before did not bring."""

    def fetch(digests: Sequence[Digest]) -> Iterator[tuple[Digest, Outcome]]:
        left = dict.fromkeys(digests, Outcome.NOWHERE)
        for way in ways:
            for digest, outcome in way(list(left)) if left else ():
                if outcome in (Outcome.FETCHED, Outcome.HERE):
                    del left[digest]
                    yield digest, outcome
                else:
                    left[digest] = outcome
        yield from left.items()

    return fetch


def asking_peer(url: str) -> Ask:
    """Ask a node over HTTP."""

    def ask(request: AuditRequest) -> bytes | None:
        from node.peers.client import PeerClient, Refusal

        with PeerClient(url) as client:
            fields = {"content-type": "application/json"}
            with client.answer(
                "POST", "/audit", body=request.encode(), most=LARGEST_ANSWER, headers=fields
            ) as answer:
                return None if isinstance(answer, Refusal) else answer.read(LARGEST_ANSWER + 1)

    return ask


def _copied(target: BlobStore, source: BlobStore, digest: Digest) -> Sealed | None:
    try:
        with source.open(digest) as stream, target.stage() as staging:
            while chunk := stream.read(_STEP):
                staging.write(chunk)
            return staging.seal()
    except (BlobNotFound, CorruptBlob):
        return None


def _landed(target: BlobStore, batch: Iterable[Sealed]) -> Iterator[tuple[Digest, Outcome]]:
    sealed = list(batch)
    if sealed:
        target.commit(sealed)
    for one in sealed:
        yield one.digest, Outcome.FETCHED
