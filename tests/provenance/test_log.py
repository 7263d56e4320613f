from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hashstore.merkle import leaf_hash, leaf_hashes, merkle_root, verify_consistency, verify_inclusion
from provenance.errors import BadSignature, CorruptLog, LogError, MissingLock, StaleLock
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, Checkpoint, TreeHead
from provenance.log.log import Log
from provenance.log.verify import verify_log

ORIGIN = "museum.example/log"
KEY = SigningKey(b"l" * 32)
VKEY = VerifierKey(ORIGIN, KEY.public)


class Power(Exception):
    """The power fails."""


class LogMachine(RuleBasedStateMachine):
    """A log beside a list of leaves; the power fails at any step of any append."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.leaves: list[bytes] = []
        self.pending: list[bytes] = []
        self.heads: set[TreeHead] = set()
        self.fuse: int | None = None
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def open(self) -> Log:
        return Log(self.folder / "log", ORIGIN, KEY, step=self.step)

    def step(self, name: str) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise Power(name)

    @rule(count=st.sampled_from([0, 1, 2, 3, 250, 300]), fuse=st.one_of(st.none(), st.integers(0, 40)))
    def append(self, count: int, fuse: int | None) -> None:
        added = [b"leaf %d" % (self.number + n) for n in range(count)]
        self.number += count
        self.fuse = fuse
        try:
            places = self.open().append(added)
        except Power:
            self.fuse = None
            self.settle(added)
        else:
            assert places == range(len(self.leaves), len(self.leaves) + count)
            self.leaves += added
        finally:
            self.fuse = None

    def settle(self, added: list[bytes]) -> None:
        """An append that died is there as a whole or not at all; which one is for the log to say."""
        size = self.open().recover().size
        assert size in (len(self.leaves), len(self.leaves) + len(added))
        if size > len(self.leaves):
            self.leaves += added

    @invariant()
    def nothing_acknowledged_is_lost_and_no_head_forks(self) -> None:
        log = self.open()
        head = log.head()
        assert head == TreeHead(len(self.leaves), merkle_root(leaf_hashes(self.leaves)))
        assert list(log.leaves()) == self.leaves
        self.heads.add(head)
        for old in self.heads:
            verify_consistency(old.size, old.root, head.size, head.root, log.consistency(old))

    @invariant()
    def every_file_is_accounted_for(self) -> None:
        if self.leaves:
            log = self.folder / "log"
            assert list(verify_log(log, VKEY, lock=self.folder / "log.lock")) == []


LogMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=8, deadline=None)
TestLog = LogMachine.TestCase


def count_steps(folder: Path, before: int, added: int) -> int:
    steps: list[str] = []
    log = Log(folder / "log", ORIGIN, KEY, step=steps.append)
    log.append([b"old %d" % n for n in range(before)])
    steps.clear()
    log.append([b"new %d" % n for n in range(added)])
    return len(steps)


@pytest.mark.parametrize(("before", "added"), [(0, 1), (1, 2), (255, 3)])
def test_the_power_may_fail_at_every_step_of_an_append(tmp_path: Path, before: int, added: int) -> None:
    total = count_steps(tmp_path / "count", before, added)
    assert total > 10
    old, new, other = ([b"%s %d" % (name, n) for n in range(k)] for name, k in
                       [(b"old", before), (b"new", added), (b"other", added)])  # fmt: skip
    for fatal in range(total):
        folder = tmp_path / str(fatal)
        Log(folder / "log", ORIGIN, KEY).append(old)
        left = iter(range(fatal))

        def fail(name: str, left: Any = left) -> None:
            if next(left, None) is None:
                raise Power(name)

        with pytest.raises(Power):
            Log(folder / "log", ORIGIN, KEY, step=fail).append(new)
        # Whoever comes next appends something else: had the first head been signed, this would be the fork.
        log = Log(folder / "log", ORIGIN, KEY)
        log.append(other)
        assert list(log.leaves()) in ([*old, *new, *other], [*old, *other])
        assert list(verify_log(folder / "log", VKEY, lock=folder / "log.lock")) == []


def make(folder: Path, count: int = 5) -> Log:
    log = Log(folder / "log", ORIGIN, KEY)
    log.append([b"leaf %d" % n for n in range(count)])
    return log


def test_proofs_of_a_log_verify_against_its_head(tmp_path: Path) -> None:
    log = make(tmp_path, 300)
    head = log.head()
    for index in (0, 255, 256, 299):
        proof = log.inclusion(index)
        verify_inclusion(leaf_hash(log.leaf(index)), index, proof.size, proof.path, head.root)


def test_appending_nothing_signs_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", ORIGIN, KEY)
    assert log.append([]) == range(0)
    assert log.head() == EMPTY_HEAD
    assert log.signed_checkpoint() is None


def test_a_log_whose_lock_file_is_gone_refuses_to_sign(tmp_path: Path) -> None:
    log = make(tmp_path)
    before = log.signed_checkpoint()
    (tmp_path / "log.lock").unlink()
    for attempt in (log.recover, lambda: log.append([b"more"])):
        with pytest.raises(MissingLock, match="newest checkpoint"):
            attempt()
    assert log.signed_checkpoint() == before


def test_a_lock_file_from_a_backup_is_refused(tmp_path: Path) -> None:
    log = make(tmp_path)
    backup = (tmp_path / "log.lock").read_bytes()
    log.append([b"more"])
    (tmp_path / "log.lock").write_bytes(backup)
    with pytest.raises(StaleLock, match="backup"):
        log.append([b"fork"])


def test_a_lock_file_that_names_another_root_is_refused(tmp_path: Path) -> None:
    log = make(tmp_path)
    (tmp_path / "log.lock").write_text(Checkpoint(ORIGIN, TreeHead(5, bytes(32))).text)
    with pytest.raises(StaleLock):
        log.recover()


def test_a_damaged_or_foreign_lock_file_is_named(tmp_path: Path) -> None:
    log = make(tmp_path)
    for text in ("nonsense", Checkpoint("other.example", log.head()).text):
        (tmp_path / "log.lock").write_text(text)
        with pytest.raises(CorruptLog, match=r"log\.lock"):
            log.recover()


def test_a_lock_file_ahead_of_damaged_tiles_signs_nothing(tmp_path: Path) -> None:
    log = make(tmp_path)
    before = log.signed_checkpoint()
    (tmp_path / "log.lock").write_text(Checkpoint(ORIGIN, TreeHead(6, bytes(32))).text)
    with pytest.raises(CorruptLog, match="missing"):
        log.recover()
    shutil.copy(tmp_path / "log/tile/0/000.p/5", tmp_path / "log/tile/0/000.p/6")
    with pytest.raises(CorruptLog):
        log.recover()
    assert log.signed_checkpoint() == before


def test_an_operator_restores_a_lost_lock_file_from_the_newest_head_that_others_know(tmp_path: Path) -> None:
    log = make(tmp_path)
    known = log.signed_checkpoint()
    assert known is not None
    log.append([b"more"])
    (tmp_path / "log.lock").unlink()
    assert log.restore_lock(known).size == 6
    assert log.append([b"and more"]) == range(6, 7)
    with pytest.raises(StaleLock, match="exists"):
        log.restore_lock(known)


def test_a_folder_behind_what_others_know_is_not_signed_again(tmp_path: Path) -> None:
    log = make(tmp_path)
    shutil.copytree(tmp_path / "log", tmp_path / "backup")
    log.append([b"seen by others"])
    known = log.signed_checkpoint()
    assert known is not None
    shutil.rmtree(tmp_path / "log")
    shutil.move(tmp_path / "backup", tmp_path / "log")
    (tmp_path / "log.lock").unlink()
    with pytest.raises(StaleLock, match="Others know 6 leaves"):
        log.restore_lock(known)
    (tmp_path / "log.lock").write_text(Checkpoint(ORIGIN, log.head()).text)
    log.append([b"a fork"])
    (tmp_path / "log.lock").unlink()
    with pytest.raises(CorruptLog, match="does not continue"):
        log.restore_lock(known)


def test_a_damaged_tile_stops_an_append_before_anything_is_signed(tmp_path: Path) -> None:
    log = make(tmp_path)
    before = log.signed_checkpoint()
    tile = tmp_path / "log/tile/0/000.p/5"
    tile.write_bytes(bytes(160))
    with pytest.raises(CorruptLog, match="damaged"):
        log.append([b"more"])
    assert log.signed_checkpoint() == before


@pytest.mark.parametrize("path", ["tile/entries/000.p/5", "tile/0/000.p/5"])
def test_a_leaf_is_not_given_out_of_a_damaged_file(tmp_path: Path, path: str) -> None:
    log = make(tmp_path)
    file = tmp_path / "log" / path
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(CorruptLog):
        log.leaf(4)
    with pytest.raises(CorruptLog):
        list(log.leaves())
    with pytest.raises(CorruptLog):
        log.inclusion(4)


def test_a_checkpoint_by_another_key_or_of_another_log_is_refused(tmp_path: Path) -> None:
    log = make(tmp_path)
    path = tmp_path / "log/checkpoint"
    path.write_bytes(Checkpoint(ORIGIN, log.head()).sign(SigningKey(bytes(32))))
    with pytest.raises(BadSignature):
        log.head()
    other = Checkpoint("other.example", TreeHead(5, bytes(32))).text
    path.write_text(f"{other}\n" + _line(other))
    with pytest.raises(CorruptLog, match=r"other\.example"):
        log.head()


def _line(text: str) -> str:
    from provenance.log.note import sign_note

    return sign_note(text, ORIGIN, KEY).line()


def test_leaves_that_are_not_there_are_refused(tmp_path: Path) -> None:
    log = make(tmp_path)
    with pytest.raises(LogError, match="5 leaves"):
        log.leaf(5)
    with pytest.raises(LogError, match="5 leaves"):
        log.inclusion(5)


def test_two_processes_that_append_take_turns(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys; from pathlib import Path\n"
        "from provenance.keys import SigningKey; from provenance.log.log import Log\n"
        "log = Log(Path(sys.argv[1]) / 'log', 'museum.example/log', SigningKey(b'l' * 32))\n"
        "for n in range(20): log.append([f'{sys.argv[2]} {n}'.encode()])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    leaves = list(Log(tmp_path / "log", ORIGIN, KEY).leaves())
    assert sorted(leaves) == sorted(f"{name} {n}".encode() for name in "ab" for n in range(20))
    assert list(verify_log(tmp_path / "log", VKEY, lock=tmp_path / "log.lock")) == []


def test_a_log_that_cannot_be_written_or_read_says_where(tmp_path: Path) -> None:
    log = make(tmp_path)
    shutil.rmtree(tmp_path / "log/tmp")
    (tmp_path / "log/tmp").write_text("in the way")
    with pytest.raises(LogError, match="cannot be written"):
        log.append([b"more"])
    tile = tmp_path / "log/tile/0/000.p/5"
    tile.unlink()
    tile.mkdir()
    with pytest.raises(CorruptLog, match="cannot be read"):
        log.leaf(0)


def test_a_checkpoint_that_cannot_be_published_loses_no_entry(tmp_path: Path) -> None:
    log = make(tmp_path)

    def obstruct(name: str) -> None:
        if name == "sign":
            (tmp_path / "log/checkpoint").rename(tmp_path / "kept")
            (tmp_path / "log/checkpoint").mkdir()

    with pytest.raises(LogError, match="entries are safe"):
        Log(tmp_path / "log", ORIGIN, KEY, step=obstruct).append([b"more"])
    (tmp_path / "log/checkpoint").rmdir()
    (tmp_path / "kept").rename(tmp_path / "log/checkpoint")
    assert log.recover().size == 6
    assert log.leaf(5) == b"more"


def test_what_an_interrupted_swap_left_beside_the_lock_file_is_removed(tmp_path: Path) -> None:
    log = make(tmp_path)
    (tmp_path / "log.lock.new").write_text("half")
    log.recover()
    assert not (tmp_path / "log.lock.new").exists()
