from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import node.index.database as database
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.tables import CAPTURE
from node.compose import Node
from node.errors import IndexUnusable, NodeBusy, NodeError
from node.index import Index, apply_log, index_digest
from node.index.rebuild import rebuild_index
from node.layout import Layout
from node.museum import Museum
from node.museum.catalogue import changes, specimens
from provenance.log.leaf import SegmentLeaf, StatementLeaf, UnknownLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def _digest(node: Node) -> Digest:
    with node.index() as index:
        return index_digest(index)


def test_a_rebuilt_index_is_the_one_that_grew_with_the_log(tracked_copy: Node) -> None:
    grown = _digest(tracked_copy)
    assert rebuild_index(tracked_copy) == (grown, tracked_copy.reader.head().size)
    assert _digest(tracked_copy) == grown


def test_it_makes_no_difference_in_which_steps_the_log_is_applied(tracked: Node, tmp_path: Path) -> None:
    size = tracked.reader.head().size
    with Index(tmp_path / "stepwise.duckdb") as index:
        for stop in range(1, size + 1):
            assert apply_log(index, tracked.reader.leaves, stop, tracked.store.path) == 1
        assert apply_log(index, tracked.reader.leaves, size, tracked.store.path) == 0
        assert index_digest(index) == _digest(tracked)


def test_withheld_rows_are_rebuilt_like_any_other(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    with fresh.layout.config.open("a") as file:
        file.write('[[policy.withhold]]\ncolumn = "collectionCode"\nvalues = ["ENT"]\n')
    root = fresh.layout.root
    (tmp_path / "a.txt").write_text("bytes")
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    assert vasculum("--node", root, "add", tmp_path / "a.txt").code == 0
    museum.advance()
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    grown = vasculum("--json", "--node", root, "index", "digest").summary
    rebuilt = vasculum("--json", "--node", root, "index", "rebuild").summary
    assert grown == rebuilt
    with fresh.index() as index:
        assert index.one("SELECT 1 FROM specimen WHERE access = 'withheld'")


def test_rows_that_were_superseded_are_not_current(tracked: Node) -> None:
    gone, changed = changes().removed, changes().changed
    with tracked.index() as index:
        current = index.rows("SELECT catalogNumber, scientificName FROM specimen WHERE current")
        assert sorted(row["catalogNumber"] for row in current) == sorted(
            specimen.catalog_number for specimen in specimens(2)
        )
        names = {row["catalogNumber"]: row["scientificName"] for row in current}
        assert {names[s.catalog_number] for s in specimens(2)} == {s.full_name for s in specimens(2)}
        for number in (*gone, *changed):
            rows = index.rows("SELECT change, current FROM specimen WHERE catalogNumber = ?", [number])
            assert [row["current"] for row in rows if row["change"] == "added"] == [False]
        assert not index.rows("SELECT 1 FROM specimen WHERE current AND change = 'removed'")


def test_an_unknown_leaf_and_a_table_of_another_version_leave_the_rest_as_it_is(
    tracked: Node, tmp_path: Path
) -> None:
    """Logs outlive programs: what a later version wrote is passed over, and its place is kept."""
    size = tracked.reader.head().size
    statement = next(
        leaf for leaf in map(decode_leaf, tracked.reader.leaves()) if isinstance(leaf, StatementLeaf)
    )
    newer = SegmentLeaf(
        statement.statement,
        Digest.of(b"s"),
        "capture",
        Digest.of(b"schema"),
        3,
        Digest.of(b"r"),
        AccessClass.PUBLIC,
    )
    strange = SegmentLeaf(
        statement.statement, Digest.of(b"t"), "finding; DROP TABLE leaf", Digest.of(b"q"), 3, Digest.of(b"r"),
        AccessClass.PUBLIC,
    )  # fmt: skip
    later = UnknownLeaf("later", b'{"type":"later"}')
    added = [leaf.encode() for leaf in (newer, later, strange)]

    def leaves(start: int, stop: int) -> list[bytes]:
        own = list(tracked.reader.leaves(0, size))
        return [*own[:2], *added, *own[2:]][start:stop]

    with Index(tmp_path / "one.duckdb") as once, Index(tmp_path / "two.duckdb") as twice:
        apply_log(once, leaves, size + 3, tracked.store.path)
        for stop in (3, 4, size + 3):
            apply_log(twice, leaves, stop, tracked.store.path)
        assert index_digest(once) == index_digest(twice)
        with tracked.index() as plain:
            for table in ("specimen", "media", "capture"):
                count = f"SELECT count(*) AS n FROM {table}"
                assert once.one(count) == plain.one(count)
        assert once.one("SELECT table_name FROM leaf WHERE log_index = 4") == {
            "table_name": "finding; DROP TABLE leaf"
        }


def _fails_at(node: Node, segment: Digest, how: Callable[[Path], Path]) -> Callable[[Digest], Path]:
    return lambda digest: how(node.store.path(digest)) if digest == segment else node.store.path(digest)


def _last_segment(node: Node) -> Digest:
    leaf = decode_leaf(node.reader.leaf(node.reader.head().size - 1))
    assert isinstance(leaf, SegmentLeaf)
    return leaf.segment


def test_an_apply_that_fails_half_way_leaves_the_index_as_it_was(tracked: Node, tmp_path: Path) -> None:
    size = tracked.reader.head().size

    def stop(path: Path) -> Path:
        raise KeyboardInterrupt

    broken = _fails_at(tracked, _last_segment(tracked), stop)
    with Index(tmp_path / "index.duckdb") as index:
        apply_log(index, tracked.reader.leaves, 2, tracked.store.path)
        before = index_digest(index)
        with pytest.raises(KeyboardInterrupt):
            apply_log(index, tracked.reader.leaves, size, broken)
        assert index.log_size() == 2
        assert index_digest(index) == before
        apply_log(index, tracked.reader.leaves, size, tracked.store.path)
        assert index_digest(index) == _digest(tracked)


@pytest.mark.parametrize("damage", ["missing", "flipped", "swapped"])
@pytest.mark.parametrize("what", ["segment", "statement"])
def test_what_is_not_what_the_log_names_is_never_applied(
    tracked: Node, tmp_path: Path, damage: str, what: str
) -> None:
    size = tracked.reader.head().size
    found = _last_segment(tracked)
    if what == "statement":
        leaf = decode_leaf(tracked.reader.leaf(1))
        assert isinstance(leaf, StatementLeaf)
        found = leaf.statement

    def spoilt(path: Path) -> Path:
        other = tmp_path / "spoilt"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        if damage == "swapped":
            data = bytearray(tracked.store.path(_digests(tracked, what, found)).read_bytes())
        if damage != "missing":
            other.write_bytes(data)
        return other

    with Index(tmp_path / "index.duckdb") as index:
        with pytest.raises(NodeError) as caught:
            apply_log(index, tracked.reader.leaves, size, _fails_at(tracked, found, spoilt))
        assert found.hex in str(caught.value)
        assert "vasculum verify" in str(caught.value)
        assert index.log_size() == 0


def _digests(node: Node, what: str, but: Digest) -> Digest:
    """Another statement, or another segment of the same table: sound bytes in the wrong place."""
    for leaf in map(decode_leaf, node.reader.leaves()):
        if what == "segment" and isinstance(leaf, SegmentLeaf) and leaf.segment != but:
            return leaf.segment
        if what == "statement" and isinstance(leaf, StatementLeaf) and leaf.statement != but:
            return leaf.statement
    raise AssertionError("there is only one")


def test_an_index_that_knows_more_than_the_log_is_not_used(tracked_copy: Node) -> None:
    with Index(tracked_copy.layout.index) as index:
        index.set_log_size(99)
    with pytest.raises(IndexUnusable, match="vasculum index rebuild"), tracked_copy.index():
        pass


def test_an_index_of_another_version_is_rebuilt_and_not_migrated(
    tracked_copy: Node, vasculum: Vasculum
) -> None:
    with Index(tracked_copy.layout.index) as index:
        index.set_meta("version", 99)
    root = tracked_copy.layout.root
    said = vasculum("--node", root, "ls")
    assert (said.code, said.out) == (1, "")
    assert "vasculum index rebuild" in said.err
    assert vasculum("--node", root, "index", "rebuild").code == 0
    assert vasculum("--node", root, "ls").code == 0


@pytest.mark.parametrize("damage", ["noise", "cut", "empty", "middle"])
def test_a_damaged_index_is_named_with_what_to_do_and_can_be_made_anew(
    tracked_copy: Node, tracked: Node, vasculum: Vasculum, damage: str
) -> None:
    path, root = tracked_copy.layout.index, tracked_copy.layout.root
    data = bytearray(path.read_bytes())
    if damage == "noise":
        path.write_bytes(b"\x5a" * len(data))
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        data[len(data) // 4 : 3 * len(data) // 4] = b"\x5a" * (len(data) // 2)
        path.write_bytes(data)
    said = vasculum("--node", root, "index", "digest")
    if damage != "empty":  # an empty file is a new index to DuckDB, and is simply filled
        assert (said.code, said.out) == (1, "")
        assert "vasculum index rebuild" in said.err
    rebuilt = vasculum("--json", "--node", root, "index", "rebuild")
    assert rebuilt.code == 0, rebuilt.err
    assert rebuilt.summary["indexDigest"] == _digest(tracked).uri


def test_tracking_with_a_damaged_index_ends_in_one_line_and_goes_on_after_a_rebuild(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    root = fresh.layout.root
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    sound = fresh.layout.index.read_bytes()
    data = bytearray(sound)
    data[len(data) // 4 :] = b"\x5a" * (len(data) - len(data) // 4)
    fresh.layout.index.write_bytes(data)
    said = vasculum("--node", root, "track", museum.archive_url)
    assert said.code == 1
    assert "vasculum index rebuild" in said.err
    assert vasculum("--node", root, "index", "rebuild").code == 0
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_an_index_that_another_process_holds_is_waited_for_and_then_named(
    fresh: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh.index():
        pass
    held = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", held, str(fresh.layout.index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"held\n"
        monkeypatch.setattr(database, "_PATIENCE", 0.2)
        with pytest.raises(NodeBusy, match="Another vasculum process"), fresh.index():
            pass
    finally:
        process.stdin.close()
        process.wait(10)
    with fresh.index() as index:
        assert index.log_size() == 1


def test_a_rebuild_that_was_cut_short_leaves_the_old_index(tracked_copy: Node) -> None:
    before = _digest(tracked_copy)
    leftover = tracked_copy.layout.root / "index.rebuilding.duckdb"
    shutil.copy(tracked_copy.layout.config, leftover)
    assert _digest(tracked_copy) == before
    assert rebuild_index(tracked_copy)[0] == before
    assert not leftover.exists()


def test_the_digest_tells_any_change_of_what_the_index_holds(tracked_copy: Node) -> None:
    with tracked_copy.index() as index:
        before = index_digest(index)
        for change in (
            "UPDATE capture SET url = url || '?' WHERE row = 1",
            "UPDATE specimen SET current = NOT current WHERE row = 1",
            "UPDATE media SET access = 'withheld' WHERE row = 1",
            "UPDATE leaf SET row_count = row_count + 1 WHERE kind = 'segment'",
            "UPDATE statement SET signer = 'did:key:z' WHERE log_index = 1",
            "DELETE FROM capture WHERE row = 1",
            "INSERT INTO capture BY NAME SELECT * REPLACE (99 AS log_index) FROM capture LIMIT 1",
        ):
            index.connection.execute("BEGIN")
            index.connection.execute(change)
            assert index_digest(index) != before, change
            index.connection.execute("ROLLBACK")
        assert index_digest(index) == before


def test_two_nodes_with_the_same_log_and_blobs_have_the_same_index_digest(
    tracked: Node, tmp_path: Path
) -> None:
    shutil.copytree(
        tracked.layout.root, tmp_path / "other", ignore=shutil.ignore_patterns("index.*", "journal*")
    )
    other = Node(Layout(tmp_path / "other"), tracked.config)
    assert _digest(other) == _digest(tracked)


_MAKING = """
import os, signal, sys, pathlib
import node.index.database as database
statements = database.index_ddl()
def until_killed():
    for number, statement in enumerate(statements):
        if number == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement
database.index_ddl = until_killed
database.Index(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize("done", [0, 3, *(pytest.param(steps, marks=pytest.mark.slow) for steps in (1, 8))])
def test_an_index_whose_making_was_killed_is_made_by_the_next_one(tmp_path: Path, done: int) -> None:
    path = tmp_path / "index.duckdb"
    ended = subprocess.run([sys.executable, "-c", _MAKING, str(path), str(done)], check=False)
    assert ended.returncode == -9
    with Index(path) as index:
        assert index.log_size() == 0


def test_an_index_answers_nothing_that_duckdb_refuses(tmp_path: Path) -> None:
    with Index(tmp_path / "index.duckdb") as index, pytest.raises(IndexUnusable, match="index rebuild"):
        index.rows("SELECT nothing FROM nowhere")


def test_a_batch_of_captures_has_exactly_the_columns_of_the_table(tracked: Node) -> None:
    with tracked.index() as index:
        table = index.connection.sql("SELECT * FROM capture").to_arrow_table()
        standing = ("log", "log_index", "row", "access", "current")
        assert pa.schema(list(CAPTURE.arrow)).names == [n for n in table.column_names if n not in standing]
