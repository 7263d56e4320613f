"""What is remembered of peers and followed logs: it only grows, and keys never change by themselves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
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


# As the first version made it.
_FIRST = """
CREATE TABLE peer (url TEXT PRIMARY KEY, name TEXT NOT NULL, origin TEXT, added TEXT NOT NULL) STRICT;
CREATE TABLE log (
    origin TEXT PRIMARY KEY, log_key TEXT NOT NULL, identity TEXT NOT NULL, institution TEXT NOT NULL,
    added TEXT NOT NULL, frozen TEXT, synced TEXT, trouble TEXT, taken INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE refusal (
    origin TEXT NOT NULL, log_index INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (origin, log_index)
) STRICT;
"""


@pytest.mark.parametrize("columns", ["none", "some", "all"])
def test_a_file_of_an_earlier_version_is_read_and_written(tmp_path: Path, columns: str) -> None:
    path = tmp_path / "peers.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(_FIRST)
        if columns != "none":
            db.execute("ALTER TABLE log ADD COLUMN former TEXT NOT NULL DEFAULT ''")
        if columns == "all":  # before versions were counted
            db.execute("ALTER TABLE log ADD COLUMN most INTEGER")
            db.execute("ALTER TABLE log ADD COLUMN used INTEGER NOT NULL DEFAULT 0")
            db.execute("ALTER TABLE refusal ADD COLUMN void INTEGER NOT NULL DEFAULT 0")
        row = (LOG.origin, str(LOG.key), LOG.identity.did, LOG.institution, NOW, 7)
        db.execute(
            "INSERT INTO log (origin, log_key, identity, institution, added, taken) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        db.execute("INSERT INTO refusal (origin, log_index, reason) VALUES (?, 3, 'forged')", [LOG.origin])
        db.commit()
    old = PeerStore(path)
    assert old.logs() == (LOG,)
    assert (old.taken(LOG.origin), old.refusals(LOG.origin)) == (7, {3: "forged"})
    assert old.void(LOG.origin) == frozenset()
    old.take(LOG.origin, 9, {}, {STATEMENT: 8}, set(), weight=5)
    assert old.log(LOG.origin).used == 5
    assert old.statements(LOG.origin, [STATEMENT]) == {STATEMENT: 8}


def test_a_file_of_a_later_version_is_left_alone(store: PeerStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "peers.sqlite")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(PeerError, match="later version"):
        store.peers()
    with pytest.raises(PeerError, match="later version"):
        store.weigh(LOG.origin, 1)
