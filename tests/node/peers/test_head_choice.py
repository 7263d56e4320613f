"""A log is frozen by what its key signed, never by a peer's tiles or a damaged disk that make it look so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hashstore.merkle import leaf_hashes, merkle_root
from node.peers.client import Refusal
from node.peers.heads import Offer, grow
from node.peers.remote import Remembered, RemoteLog
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.mirror import Mirror
from provenance.log.reader import CHECKPOINT

ORIGIN = "museum.example/log"
SIGNER = SigningKey(b"\x01" * 32)
KEY = VerifierKey(ORIGIN, SIGNER.public)

Change = Callable[[str, bytes], bytes]


class _Folder:
    """A line to a peer that serves a mirror, each file changed as it likes."""

    def __init__(self, mirror: Mirror, change: Change) -> None:
        self.url = "http://peer.example"
        self._mirror, self._change = mirror, change

    def get(self, path: str, most: int) -> bytes | Refusal:
        name = path.removeprefix("/log/")
        data = self._mirror.source.read(name)
        return Refusal(404) if data is None else self._change(name, data)

    def answer(self, *about: object, **more: object) -> object:
        raise AssertionError("no blob is asked for here")

    def close(self) -> None:
        pass


def _leaves(count: int, salt: str = "") -> list[bytes]:
    return [f"leaf {number} {salt}".encode() for number in range(count)]


def _grown(folder: Path, leaves: Sequence[bytes]) -> Mirror:
    mirror = Mirror(folder, KEY)
    head = TreeHead(len(leaves), merkle_root(leaf_hashes(leaves)))
    mirror.extend(Checkpoint(ORIGIN, head).sign(SIGNER), leaves)
    return mirror


def _offer(mirror: Mirror, change: Change = lambda name, data: data) -> Offer:
    signed = mirror.source.read(CHECKPOINT)
    assert signed is not None
    remote = RemoteLog(_Folder(mirror, change), "/log/")  # type: ignore[arg-type]
    return Offer(remote, signed, mirror.head(), Remembered(remote))


def test_tiles_under_a_right_root_that_are_not_those_of_the_log_are_a_lie_of_the_peer(tmp_path: Path) -> None:
    """The root of 300 leaves comes from the tile above the first 256; the first 100 lie below it."""

    def slander(name: str, data: bytes) -> bytes:
        return bytes([data[0] ^ 1]) + data[1:] if name == "tile/0/000" or "entries" in name else data

    mine, theirs = _grown(tmp_path / "mine", _leaves(100)), _grown(tmp_path / "theirs", _leaves(300))
    trouble: list[str] = []
    assert grow(mine, [_offer(theirs, slander)], trouble) is None
    assert len(trouble) == 1
    assert mine.head().size == 100
    assert grow(mine, [_offer(theirs)], trouble) is None
    assert mine.head().size == 300


def test_a_longer_history_that_began_otherwise_is_proved_by_its_own_tiles(tmp_path: Path) -> None:
    mine, theirs = _grown(tmp_path / "mine", _leaves(100)), _grown(tmp_path / "theirs", _leaves(300, "other"))
    assert "two histories" in str(grow(mine, [_offer(theirs)], []))
    assert mine.head().size == 100


def test_a_shorter_history_that_is_no_beginning_freezes(tmp_path: Path) -> None:
    mine, theirs = _grown(tmp_path / "mine", _leaves(300)), _grown(tmp_path / "theirs", _leaves(100, "other"))
    assert "two histories" in str(grow(mine, [_offer(theirs)], []))


def test_two_newer_histories_that_do_not_go_together_freeze_in_one_round(tmp_path: Path) -> None:
    mine = _grown(tmp_path / "mine", _leaves(3))
    shown = [
        _grown(tmp_path / salt, [*_leaves(3), *_leaves(n, salt)]) for n, salt in ((9, "one"), (6, "two"))
    ]
    assert "two histories" in str(grow(mine, [_offer(mirror) for mirror in shown], []))


def test_a_damaged_mirror_accuses_nobody(tmp_path: Path) -> None:
    mine, theirs = _grown(tmp_path / "mine", _leaves(300)), _grown(tmp_path / "theirs", _leaves(100))
    tile = tmp_path / "mine" / "tile" / "0" / "000"
    tile.write_bytes(bytes(len(tile.read_bytes())))
    assert grow(mine, [_offer(theirs)], []) is None
