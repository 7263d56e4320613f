"""What is remembered of peers and followed logs: it only grows, and keys never change by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hashstore.digest import Digest
from node.errors import PeerError
from node.peers.model import FollowedLog, Peer
from node.peers.store import PeerStore
from provenance.keys import SigningKey, VerifierKey

NOW = "2026-01-01T00:00:00+00:00"
LOG = FollowedLog(
    VerifierKey("museum.test/log", SigningKey(b"1" * 32).public), SigningKey(b"2" * 32).public, "Museum", NOW
)
PEER = Peer("https://museum.test", "Museum", "museum.test/log", NOW)
STATEMENT = Digest.of(b"statement")


@pytest.fixture
def store(tmp_path: Path) -> PeerStore:
    made = PeerStore(tmp_path / "peers.sqlite")
    made.add(PEER, LOG)
    return made


def test_before_anybody_is_added_nobody_is_there(tmp_path: Path) -> None:
    empty = PeerStore(tmp_path / "peers.sqlite")
    assert (empty.peers(), empty.logs(), empty.taken("x"), empty.refusals("x")) == ((), (), 0, {})
    assert empty.statements("x", [STATEMENT]) == {}
    assert not (tmp_path / "peers.sqlite").exists()


def test_what_was_added_is_there_for_another_process(store: PeerStore, tmp_path: Path) -> None:
    again = PeerStore(tmp_path / "peers.sqlite")
    assert again.peers() == (PEER,)
    assert again.log("museum.test/log").key == LOG.key


def test_a_log_keeps_its_keys(store: PeerStore) -> None:
    thief = SigningKey(b"3" * 32).public
    with pytest.raises(PeerError, match="other keys"):
        store.add(
            replace(PEER, url="https://thief.test"), replace(LOG, key=VerifierKey("museum.test/log", thief))
        )
    assert store.peers() == (PEER,)
    # What a peer says of the identity is nothing; the log's own statements bind it.
    store.add(replace(PEER, url="https://mirror.test"), replace(LOG, identity=thief))
    assert store.log("museum.test/log").key == LOG.key
    assert store.log("museum.test/log").identity == LOG.identity


def test_what_is_taken_never_goes_back(store: PeerStore) -> None:
    store.take("museum.test/log", 5, {3: "forged"}, {STATEMENT: 1}, {STATEMENT})
    store.take("museum.test/log", 2, {3: "another reason"}, {STATEMENT: 4}, set())
    assert store.taken("museum.test/log") == 5
    assert store.refusals("museum.test/log") == {3: "forged"}
    assert store.statements("museum.test/log", [STATEMENT, Digest.of(b"")]) == {STATEMENT: 1}
    assert store.statements("other.test/log", [STATEMENT]) == {}


def test_a_frozen_log_keeps_its_first_reason_and_all_evidence(store: PeerStore) -> None:
    store.freeze("museum.test/log", "two histories", [(b"a", "https://a"), (b"b", "https://b")], NOW)
    store.freeze("museum.test/log", "something else", [(b"b", "https://c"), (b"c", "https://c")], NOW)
    assert store.log("museum.test/log").frozen == "two histories"
    assert {checkpoint for checkpoint, _ in store.evidence("museum.test/log")} == {b"a", b"b", b"c"}


def test_a_bad_sync_does_not_hide_the_last_good_one(store: PeerStore) -> None:
    store.note_sync("museum.test/log", NOW, None)
    store.note_sync("museum.test/log", None, "nobody answers")
    log = store.log("museum.test/log")
    assert (log.synced, log.trouble) == (NOW, "nobody answers")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "peers.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(PeerError, match=r"peers\.sqlite"):
        PeerStore(tmp_path / "peers.sqlite").peers()
