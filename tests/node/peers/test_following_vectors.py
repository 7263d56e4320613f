"""The vectors of spec/following.md: which leaves count is a matter of the leaves and of what they name."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from hashstore.blobstore import MemoryBlobStore, add_bytes
from node.peers.bring import Sources
from node.peers.desk import Desk
from node.peers.examine import Judged
from node.peers.model import FollowedLog, LogSync
from node.peers.store import PeerStore
from node.peers.take import take_named
from provenance.key_history import KeyHistory
from provenance.keys import SigningKey, VerifierKey
from provenance.log.log import Log
from provenance.statement import parse_statement
from provenance.statement.rdf import canonical_nquads

_LOG = SigningKey(bytes([5]) * 32)


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "spec" / "vectors"


@pytest.fixture(scope="module")
def vectors(folder: Path) -> Any:
    return json.loads((folder / "following.json").read_text("utf-8"))


class Follower:
    """Takes in a log whose leaves are here already, from nobody."""

    def __init__(self, root: Path, vectors: Any) -> None:
        self.log = Log(root / "log", vectors["origin"], _LOG)
        self.leaves = [leaf.encode() for leaf in vectors["leaves"]]
        self.store, self.notes = MemoryBlobStore(), PeerStore(root / "peers.sqlite")
        for text in vectors["statements"].values():
            add_bytes(self.store, text.encode())
        self.first = parse_statement(next(iter(vectors["statements"].values())).encode())
        identity = KeyHistory.begin(self.first).identity
        key = VerifierKey.parse(vectors["logKey"])
        self.followed = FollowedLog(key, identity, "Museum", "2026-01-01T00:00:00+00:00")
        self.notes.keep(self.followed, 0)

    def take(self, size: int) -> dict[int, str]:
        """Take in the log up to a size; all that is refused by then."""
        self.log.append(self.leaves[self.log.head().size : size])
        origin = self.followed.origin
        result = LogSync(origin, size, taken=self.notes.taken(origin))
        desk = Desk(self.store, self.notes, canonical_nquads, lambda segments: Judged({}, {}))
        history = None
        for index, digest in self.notes.key_statements(origin):
            statement = parse_statement(self.store.read(digest))
            history = KeyHistory.begin(statement) if history is None else history.advance(index, statement)
        assert take_named(desk, self.followed, self.log, result, Sources([]), history) is None
        assert (result.trouble, result.taken) == ([], size)
        return self.notes.refusals(origin)


def test_the_generator_gives_the_committed_vectors(folder: Path) -> None:
    made = runpy.run_path(str(folder / "generate_following.py"))["generate"]()
    assert made == (folder / "following.json").read_text("utf-8")


def test_the_leaves_of_the_vectors_count_as_they_say(vectors: Any, tmp_path: Path) -> None:
    refused = Follower(tmp_path, vectors).take(len(vectors["leaves"]))
    assert sorted(refused) == sorted(map(int, vectors["refused"])), refused


def test_what_a_revocation_takes_back_counted_before(vectors: Any, tmp_path: Path) -> None:
    follower, before = Follower(tmp_path, vectors), vectors["refusedBefore"]
    assert sorted(follower.take(before["leaves"])) == before["refused"]
    assert sorted(follower.take(len(vectors["leaves"]))) == sorted(map(int, vectors["refused"]))
