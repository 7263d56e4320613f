"""`kill -9` at any moment: nothing acknowledged is lost, nothing forks, and the same command just goes on."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from hashstore.digest import Digest
from hashstore.merkle import verify_consistency
from node.compose import Node, open_node
from node.layout import Layout
from node.museum.server import Museum
from provenance.log.checkpoint import TreeHead, open_checkpoint
from provenance.log.head_lock import HeadLock
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import parse_statement

if TYPE_CHECKING:
    from tests.journeys.conftest import ForkServer, Said, Strike

LOG = logging.getLogger("journeys")
SEED = 20240229
TRACK_CHAINS, TRACK_KILLS = 8, 8  # each chain kills the first crawl so often, and the second as well
ADD_CHAINS, ADD_KILLS = 5, 16
WATCHED = ("log.lock", "log/checkpoint", "log/tmp", "index.duckdb", "index.duckdb.wal", "journal.sqlite-wal")
FILES = 1_300  # more than one batch of the journal, so that a kill may fall between two

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Life:
    """One node, everything that it ever acknowledged, and every head that it ever showed."""

    root: Path
    forked: ForkServer
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    summaries: list[dict[str, Any]] = field(default_factory=list)
    heads: set[TreeHead] = field(default_factory=set)
    moments: Counter[str] = field(default_factory=Counter)

    @property
    def node(self) -> Node:
        """The node, opened anew: nothing is remembered from before a kill."""
        return open_node(Layout(self.root))

    def run(self, *arguments: str | Path) -> Said:
        """Let a command end by itself, and take down what it acknowledged."""
        said = self.forked.run("--node", self.root, "--json", *arguments)
        self._take_down(said)
        return said

    def struck(self, strike: Strike, *arguments: str | Path) -> bool:
        """Kill a command, and hold the node to its word; returns whether the strike came in time."""
        said = self.forked.kill(strike, "--node", self.root, "--json", *arguments)
        assert said.status in (-9, 0, 3), said.err
        self._take_down(said)
        self.moments[self._moment(said)] += 1
        return said.status == -9

    def _moment(self, said: Said) -> str:
        if said.status != -9:
            return "too late"
        if any(item["type"] == "summary" for item in said.items):
            return "after the summary"
        phases = _unfinished(self.root)
        return phases[0] if phases else "before it began, or after it was forgotten"

    def _take_down(self, said: Said) -> None:
        captures = said.of_type("capture")
        store = self.node.store
        for digest in {Digest.parse(item["digest"]) for item in captures if item.get("digest")}:
            assert Digest.of(store.path(digest).read_bytes()) == digest
        self.acknowledged += captures
        self.summaries += said.of_type("summary")
        self._note_heads()

    def _note_heads(self) -> None:
        node = self.node
        checkpoint = node.layout.log / "checkpoint"
        self.heads.add(open_checkpoint(checkpoint.read_bytes(), node.log_key).head)
        promised = HeadLock(node.layout.log_lock, node.config.identity.origin).read()
        assert promised is not None
        self.heads.add(promised)

    def ends_well(self) -> None:
        """Hold the whole node to everything that it ever said."""
        node = self.node
        said = self.forked.run("--node", self.root, "--json", "verify", "--deep")
        assert said.status == 0, said.out
        self._nothing_forked(node)
        captures, iris = _standing(node)
        assert max(Counter(iris).values()) == 1
        assert {_key(item) for item in self.acknowledged} <= captures
        for summary in self.summaries:
            assert (
                node.reader.leaf(summary["logIndex"])
                == StatementLeaf(Digest.parse(summary["statement"])).encode()
            )
        assert _unfinished(self.root) == []
        assert list(node.layout.staging.glob("*")) == []
        assert list((node.layout.blobs / "tmp").glob("session-*")) == []

    def _nothing_forked(self, node: Node) -> None:
        final = node.reader.head()
        for head in self.heads:
            proof = node.reader.consistency(head)
            verify_consistency(head.size, head.root, final.size, final.root, proof)


def _key(item: dict[str, Any]) -> tuple[Any, ...]:
    digest = item.get("digest")
    return (item["crawl"], item["url"], item["requestedAt"], item["attempt"], item["outcome"], digest)


def _standing(node: Node) -> tuple[set[tuple[Any, ...]], list[str]]:
    """Every capture in the log's segments, and the name of every statement, read without the index."""
    captures: set[tuple[Any, ...]] = set()
    iris = []
    for raw in node.reader.leaves():
        leaf = decode_leaf(raw)
        if isinstance(leaf, StatementLeaf):
            iris.append(parse_statement(node.store.read(leaf.statement)).iri)
        elif isinstance(leaf, SegmentLeaf) and leaf.table == "capture":
            for row in pq.read_table(node.store.path(leaf.segment)).to_pylist():
                digest = Digest(row["digest"]).uri if row["digest"] is not None else None
                captures.add(_key({**row, "digest": digest}))
    return captures, iris


def _unfinished(root: Path) -> list[str]:
    """The phases of crawls that the journal still holds, by the file alone."""
    if not (root / "journal.sqlite").exists():
        return []
    with sqlite3.connect(root / "journal.sqlite") as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'crawl'").fetchall()
        found = database.execute("SELECT phase FROM crawl").fetchall() if tables else []
    database.close()
    return [phase for (phase,) in found]


@dataclass
class Hand:
    """Chooses when to strike; learns how long the command takes, which a resumed one does sooner.

    Attributes:
        chance: Seeded.
        make: Makes a strike.
        lines: Lines that an undisturbed run says.
        seconds: How long it takes, as far as we know.
    """

    chance: random.Random
    make: type[Strike]
    lines: int
    seconds: float

    def strikes(self, life: Life, times: int, *arguments: str | Path) -> int:
        """Kill a command so many times, chained; returns how many strikes came in time."""
        done = 0
        for number in range(3 * times):
            if done == times:
                break
            in_time = life.struck(self._next(number, life.root), *arguments)
            self.seconds *= 1.1 if in_time else 0.8
            done += in_time
        return done

    def _next(self, number: int, root: Path) -> Strike:
        """Anywhere, after some line, and where files are replaced, in turn."""
        chance = self.chance
        if number % 3 == 0:
            return self.make(chance.uniform(0, self.seconds))
        if number % 3 == 1:
            lines = chance.randint(1, self.lines)
            return self.make(chance.uniform(0, 0.1), lines=lines, reads=chance.random() < 0.5)
        return self.make(chance.uniform(0, 0.03), watch=root / chance.choice(WATCHED))


def _hand(make: type[Strike], chance: random.Random, life: Life, *arguments: str | Path) -> Hand:
    begun = time.monotonic()
    said = life.run(*arguments)
    return Hand(chance, make, len(said.out), time.monotonic() - begun)


def _born(root: Path, forked: ForkServer) -> Life:
    assert forked.run("--node", root, "init").status == 0
    return Life(root, forked)


def test_track_survives_a_kill_at_any_moment(
    forked: ForkServer, strike: type[Strike], drawings_directory: Path, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    moments: Counter[str] = Counter()
    kills = 0
    with Museum(drawings_directory) as museum:
        hand = _hand(strike, chance, _born(tmp_path / "first", forked), "track", museum.archive_url)
    for chain in range(TRACK_CHAINS):
        life = _born(tmp_path / f"track-{chain}", forked)
        with Museum(drawings_directory) as museum:
            for _ in (1, 2):
                kills += hand.strikes(life, TRACK_KILLS, "track", museum.archive_url)
                said = life.run("track", museum.archive_url)
                assert said.status == 3, said.err  # one image is missing, one is an error page
                museum.advance()
        life.ends_well()
        moments += life.moments
    LOG.info(f"track: {kills} kills: {dict(moments)}")
    assert kills > 0.95 * TRACK_CHAINS * 2 * TRACK_KILLS
    assert {"gathering", "finishing"} <= set(moments)


def test_add_survives_a_kill_at_any_moment(forked: ForkServer, strike: type[Strike], tmp_path: Path) -> None:
    chance = random.Random(SEED + 1)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:05}.txt").write_bytes(chance.randbytes(chance.randint(0, 600)))
    hand = _hand(strike, chance, _born(tmp_path / "first", forked), "add", folder)
    moments: Counter[str] = Counter()
    kills = 0
    for chain in range(ADD_CHAINS):
        life = _born(tmp_path / f"add-{chain}", forked)
        kills += hand.strikes(life, ADD_KILLS, "add", folder)
        said = life.run("add", folder)
        assert said.status == 0, said.err
        assert sum(said.summary["files"].values()) == FILES
        life.ends_well()
        moments += life.moments
    LOG.info(f"add: {kills} kills: {dict(moments)}")
    assert kills > 0.95 * ADD_CHAINS * ADD_KILLS
    assert {"gathering", "finishing"} <= set(moments)


def test_init_survives_a_kill_at_any_moment(forked: ForkServer, strike: type[Strike], tmp_path: Path) -> None:
    chance = random.Random(SEED + 2)
    kills = 0
    for number in range(12):
        root = tmp_path / f"init-{number}"
        for _ in range(3):
            said = forked.kill(strike(chance.uniform(0, 0.12)), "--node", root, "init")
            kills += said.status == -9
        said = forked.run("--node", root, "init")
        assert said.status == 0 or "There is a node" in said.err
        said = forked.run("--node", root, "--json", "verify", "--deep")
        assert said.status == 0, (said.out, said.err)
    LOG.info(f"init: {kills} kills")
    assert kills >= 12
