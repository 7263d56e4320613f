"""A hostile node: it forges, forks and rolls back its own log, and garbles what it serves of others'."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hashstore.digest import Digest
from node.serve.pack import HEADER, Frame, PackState, decode_frame, decode_request
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.reader import CHECKPOINT
from provenance.log.tiles import WIDTH, parse_tile_path
from simulated.material import HOSTILE_BLOCKS, NODES, Block, hostile, institution
from simulated.network import Request
from simulated.peer import Branch, SimulatedPeer


@dataclass(frozen=True, slots=True)
class Malice:
    """What a hostile node does, as its seed decides.

    Attributes:
        forges: Whether it puts what must not count into its log.
        forks: Whether it shows different histories to different readers.
        goes_back: How often it shows an old state of a log.
        garbles: How often it changes an answer.
        slanders: Whether it makes honest logs look forked, by tiles whose root comes out right.
        withdraws: How often it says that a blob of another was withdrawn.
        withholds: How many of its own blobs it gives to nobody.
    """

    forges: bool
    forks: bool
    goes_back: float
    garbles: float
    slanders: bool
    withdraws: float
    withholds: float

    @classmethod
    def drawn(cls, rng: Random) -> Malice:
        """Some of everything; not always all of it, so that one attack does not hide another."""
        return cls(
            forges=rng.random() < 0.6,
            forks=rng.random() < 0.5,
            goes_back=rng.choice((0.0, 0.1, 0.4)),
            garbles=rng.choice((0.0, 0.1, 0.5, 1.0)),
            slanders=rng.random() < 0.25,
            withdraws=rng.choice((0.0, 0.0, 0.3)),
            withholds=rng.choice((0.0, 0.0, 0.2)),
        )


class Liar(SimulatedPeer):
    """One hostile node. It follows others too, and has their logs to lie about."""

    def __init__(self, number: int, rng: Random) -> None:
        super().__init__(number, rng)
        self.malice = Malice.drawn(rng)
        self.writes_to: int | None = None
        self._shown = [0] * NODES
        self._old: dict[str, list[bytes]] = {}
        self._withheld: set[Digest] = set()
        self._own: set[Digest] = set()
        self._kinds = rng.sample(range(HOSTILE_BLOCKS), HOSTILE_BLOCKS)

    @property
    def is_honest(self) -> bool:
        return False

    def next_forgery(self) -> Block | None:
        """Something that must not count, or nothing if all was tried."""
        return hostile(self.number, self._kinds.pop()) if self.malice.forges and self._kinds else None

    def publish(self, block: Block) -> None:
        self._own |= set(block.blobs)
        for digest in block.blobs:
            if self._rng.random() < self.malice.withholds:
                self._withheld.add(digest)
        self.store.put(block.blobs)
        history = self._rng.randrange(len(self.branches)) if self.writes_to is None else self.writes_to
        self.branches[history].append(block)

    def fork(self) -> bool:
        """Begin a second history; readers are told apart from now on."""
        if not self.malice.forks or len(self.branches) > 1 or not self.branches[0].leaves:
            return False
        main, other = self.branches[0], Branch(self.who, self.disk)
        other.files.files = dict(main.files.files)
        other.leaves, other.counts, other.heads = list(main.leaves), list(main.counts), list(main.heads)
        self.branches.append(other)
        return True

    def change_its_mind(self) -> None:
        """Show each reader the one or the other history."""
        self._shown = [self._rng.randrange(len(self.branches)) for _ in range(NODES)]

    def view(self, reader: int) -> Branch:
        return self.branches[self._shown[reader]]

    def serve(self, request: Request) -> bytes | int:
        answer = super().serve(request)
        if request.path == "/pack" and isinstance(answer, bytes):
            return self._lying_pack(request, answer)
        if request.path.startswith("/blob/"):
            return self._lying_blob(Digest.parse(request.path.removeprefix("/blob/sha256/")), answer)
        if isinstance(answer, bytes):
            before = self._old.setdefault(request.path, [])
            before.append(answer)
            if self.malice.slanders:
                return self._slander(request, answer)
            if self._may(self.malice.goes_back):
                answer = self._rng.choice(before)
            if self._may(self.malice.garbles):
                return self._garbled_file(request, answer)
        return answer

    def _lying_blob(self, digest: Digest, answer: bytes | int) -> bytes | int:
        if digest in self._withheld:
            return 404
        if digest not in self._own and self._may(self.malice.withdraws):
            return 410
        return (
            self._garbled(answer) if isinstance(answer, bytes) and self._may(self.malice.garbles) else answer
        )

    def _lying_pack(self, request: Request, answer: bytes) -> bytes | int:
        frames = []
        for digest in decode_request(request.body):
            header, answer = answer[:HEADER], answer[HEADER:]
            length = decode_frame(header).length
            data, answer = answer[:length], answer[length:]
            if digest not in self._own and self._may(self.malice.withdraws):
                header, data = Frame(digest, PackState.WITHDRAWN, 0).encode(), b""
            elif digest in self._withheld:
                header, data = Frame(digest, PackState.NOT_HERE, 0).encode(), b""
            elif data and self._may(self.malice.garbles):
                data = bytes([data[0] ^ 1]) + data[1:]
            frames.append(header + data)
        if self._may(self.malice.garbles / 4):
            self._rng.shuffle(frames)
        whole = b"".join(frames)
        return self._garbled(whole) if self._may(self.malice.garbles / 4) else whole

    def _garbled_file(self, request: Request, answer: bytes) -> bytes | int:
        if request.path.endswith(CHECKPOINT) and self._rng.random() < 0.5:
            return self._false_checkpoint(answer)
        return self._garbled(answer)

    def _slander(self, request: Request, answer: bytes) -> bytes:
        """Leave the tiles above as they are, and change what lies below them: entries, and a full tile."""
        _, _, path = request.path.partition("/tile/")
        tile = parse_tile_path("tile/" + path)
        if tile is None or tile.level > 0 or (tile.level == 0 and tile.width < WIDTH):
            return answer
        return self._other_leaf(answer, hashes=tile.level == 0)

    def _other_leaf(self, answer: bytes, *, hashes: bool) -> bytes:
        place = 32 if hashes else len(answer) - 1
        return answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]

    def _false_checkpoint(self, answer: bytes) -> bytes:
        """Signed by the wrong key, for a victim's origin or under one's own."""
        origin = self._rng.choice((answer.partition(b"\n")[0].decode(), institution(self.number).origin))
        head = TreeHead(self._rng.randrange(1, 50), Digest.of(answer).raw)
        if origin == self.who.origin:
            self.unfounded.add((head.size, head.root))
        return Checkpoint(origin, head).sign(self.who.signer)

    def _garbled(self, answer: bytes) -> bytes | int:
        place = self._rng.randrange(len(answer)) if answer else 0
        match self._rng.randrange(6):
            case 0:
                return answer[:place]
            case 1:
                return answer + answer[:40]
            case 2:
                return answer[:place] + bytes([(answer[place] if answer else 0) ^ 1]) + answer[place + 1 :]
            case 3:
                return b""
            case 4:
                return 404
            case _:
                return 500

    def _may(self, likelihood: float) -> bool:
        return likelihood > 0 and self._rng.random() < likelihood
