"""An honest node in memory: it publishes, follows by the node's own code, and serves what it has."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from random import Random

from hashstore.blobstore.interface import BlobStore
from hashstore.digest import Digest
from hashstore.merkle import leaf_hashes, merkle_root
from node.layout import mirror_name
from node.peers.bring import Sources
from node.peers.desk import Desk
from node.peers.examine import Judged, rows_fault
from node.peers.follow import follow_log
from node.peers.model import FollowedLog, LogSync
from node.peers.remote import RemoteLog
from node.serve.pack import Frame, PackState, decode_request
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.leaf import SegmentLeaf
from provenance.log.mirror import Mirror
from simulated.disk import Crashed, Disk, MemoryFiles, MemoryNotes, SteppedStore
from simulated.material import Block, Institution, institution, rotation
from simulated.memo import canonical_rdf, memo
from simulated.network import Link, Network, Request, url_of


class Branch:
    """One history of a log, as its owner keeps it.

    Attributes:
        files: What is published of it.
        leaves: All its leaves.
        counts: Which of them must count at a follower, by construction, until a key is revoked.
        revoked: From where on a revocation reaches back, and where it stands itself; None without one.
    """

    def __init__(self, who: Institution, disk: Disk) -> None:
        self.files = MemoryFiles(disk)
        self.leaves: list[bytes] = []
        self.counts: list[bool] = []
        self.heads: list[tuple[int, bytes]] = []
        self.revoked: tuple[int, int] | None = None
        self._starts: list[int] = []
        self._who = who

    @property
    def mirror(self) -> Mirror:
        return Mirror(self.files, self._who.key)

    def append(self, block: Block) -> None:
        """Sign a longer history. What dies before its checkpoint is published was never said."""
        leaves = [*self.leaves, *block.leaves]
        head = TreeHead(len(leaves), merkle_root(leaf_hashes(leaves)))
        self.mirror.extend(
            Checkpoint(self._who.origin, head).sign(self._who.signer), leaves[len(self.leaves) :]
        )
        self._starts.append(len(self.leaves))
        self.leaves, self.counts = leaves, [*self.counts, *block.counts]
        self.heads.append((head.size, head.root))

    def void(self, taken: int) -> frozenset[int]:
        """What counts no more for whoever has taken so many leaves: what was appended since, signed then."""
        if self.revoked is None or taken <= self.revoked[1]:
            return frozenset()
        since, stands = self.revoked
        change = stands - 1
        first = next(start for start in self._starts if start >= since)
        return frozenset(
            index for index in range(first, change) if "statement" in json.loads(self.leaves[index])
        )


class SimulatedPeer:
    """One honest node.

    Attributes:
        number: Which.
        follows: Numbers of the nodes whose logs it follows.
        peers: Numbers of the nodes that it asks.
        branches: The histories of its own log: one, if it is honest.
        unfounded: Heads that it signed and for which there are no leaves; none, if it is honest.
    """

    def __init__(self, number: int, rng: Random) -> None:
        self.number = number
        self.who = institution(number)
        self.disk = Disk(rng)
        self.store = SteppedStore(self.disk)
        self.notes = MemoryNotes(self.disk)
        self.branches = [Branch(self.who, self.disk)]
        self.unfounded: set[tuple[int, bytes]] = set()
        self.mirrors: dict[str, MemoryFiles] = {}
        self.follows: list[int] = []
        self.peers: list[int] = []
        self.is_up = True
        self.is_busy = False
        self.packs = True
        self._rng = rng
        self._busy = 0.0

    @property
    def is_honest(self) -> bool:
        return True

    def mirror(self, number: int) -> Mirror:
        """The mirror of a followed log."""
        who = institution(number)
        return Mirror(self.mirrors.setdefault(mirror_name(who.origin), MemoryFiles(self.disk)), who.key)

    def publish(self, block: Block) -> None:
        """Append to the own log; blobs first."""
        self.store.put(block.blobs)
        self.branches[0].append(block)

    def rotate(self) -> Block:
        """Change the identity and revoke it back to some entry of its time."""
        branch = self.branches[0]
        size = len(branch.leaves)
        since = self._rng.randint(1, size)
        block = rotation(self.number, since)
        self.publish(block)
        branch.revoked = since, size + 1
        return block

    def sync(self, network: Network, number: int) -> LogSync | None:
        """One round for one followed log; None if it is frozen."""
        who = institution(number)
        if who.origin in self.notes.frozen:
            return None
        self._busy = network.weather.busy
        order = sorted(self.peers, key=lambda peer: peer != number)
        remotes = [
            RemoteLog(
                Link(network, self.number, peer),
                "/log/" if peer == number else f"/mirror/{mirror_name(who.origin)}/",
            )
            for peer in order
        ]
        numbers = {url_of(peer): peer for peer in order}
        sources = Sources(
            [url_of(peer) for peer in order],
            connect=lambda url: Link(network, self.number, numbers[url]),
        )
        desk = Desk(self.store, self.notes, canonical_rdf, self._check_rows)
        log = FollowedLog(who.key, who.identity.public, f"Museum {number}", "")
        return follow_log(desk, log, self.mirror(number), remotes, sources, "2026-11-23T08:00:00+00:00")

    def _check_rows(self, segments: Mapping[int, SegmentLeaf]) -> Judged:
        if segments and self._rng.random() < self._busy:
            return Judged({}, dict.fromkeys(segments, "this machine has too much to do"))
        faults = {index: _rows_fault(self.store, leaf) for index, leaf in segments.items()}
        return Judged({index: fault for index, fault in faults.items() if fault is not None}, {})

    def serve(self, request: Request) -> bytes | int:
        """Answer as `node.serve` does: logs as static files, blobs one by one or in packs."""
        path = request.path
        if path.startswith("/log/"):
            return _file(self.view(request.source).files, path.removeprefix("/log/"))
        if path.startswith("/mirror/"):
            name, _, file = path.removeprefix("/mirror/").partition("/")
            return _file(self.mirrors.get(name), file)
        if path.startswith("/blob/sha256/"):
            digest = Digest.parse(path.removeprefix("/blob/sha256/"))
            return self.store.read(digest) if self.store.contains(digest) else 404
        if path == "/pack" and self.packs:
            return b"".join(map(self._frame, decode_request(request.body)))
        return 405 if path == "/pack" else 404

    def view(self, reader: int) -> Branch:
        """The history of the own log that a reader is shown."""
        return self.branches[0]

    def _frame(self, digest: Digest) -> bytes:
        if not self.store.contains(digest):
            return Frame(digest, PackState.NOT_HERE, 0).encode()
        if digest.raw[0] < 32:  # some blobs are too large for a pack
            return Frame(digest, PackState.ASK_ALONE, 0).encode()
        data = self.store.read(digest)
        return Frame(digest, PackState.HERE, len(data)).encode() + data

    def restart(self) -> None:
        """Come up again with what was durable; an owner undoes what it never published at its next append."""
        self.is_up, self.disk.dies_in = True, None


def _file(files: MemoryFiles | None, path: str) -> bytes | int:
    data = None if files is None else files.read(path)
    return 404 if data is None else data


def _rows_fault(store: BlobStore, leaf: SegmentLeaf) -> str | None:
    raw = store.read(leaf.segment)
    return memo("rows", (leaf.encode(), leaf.segment), lambda: rows_fault(io.BytesIO(raw), leaf))


__all__ = ["Branch", "Crashed", "SimulatedPeer"]
