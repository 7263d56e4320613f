"""A log that cannot go on is continued by a new one, by right, and whatever dies halfway is ended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.compose import Node, open_node
from node.errors import NodeError
from node.keys.history import read_history
from node.keys.rotate import rotate
from node.keys.succeed import succeed
from node.layout import Layout
from node.verify import verify_node
from node.writer_lock import writer_lock
from provenance.key_history import KeyHistory
from provenance.log.files import LogFolder
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.log.reader import LogReader
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds import KeyRole
from provenance.succession import check_succession

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def faults(node: Node) -> list[str]:
    found = verify_node(node, deep=True, progress=lambda _: None, phase=lambda _: None)
    return [f"{fault.path}: {fault.message}" for fault in found]


def statement(node: Node, reader: LogReader, index: int) -> Statement:
    leaf = decode_leaf(reader.leaf(index))
    assert isinstance(leaf, StatementLeaf)
    return parse_statement(node.store.read(leaf.statement))


def stands(before: KeyHistory, old_origin: str, layout: Layout, size: int) -> None:
    """The new log is in its place, verifies, and continues the old one by right."""
    node = open_node(layout)
    assert not layout.successor.exists()
    new = read_history(node)
    assert check_succession(before, new, statement(node, node.reader, 1)).head.size == size
    assert node.config.identity.origin == new.origin != old_origin
    mirrored = LogReader(LogFolder(layout.mirror(old_origin)), before.log_key)
    assert mirrored.head().size == size
    assert [(log.origin, log.frozen is not None) for log in node.peers.logs()] == [(old_origin, True)]
    assert faults(node) == []


def test_a_log_is_continued_by_a_new_one_and_stays_here_as_a_followed_one(
    tracked_copy: Node, vasculum: Vasculum
) -> None:
    before, size = read_history(tracked_copy), tracked_copy.reader.head().size
    here = ("--node", tracked_copy.layout.root)
    rows = vasculum("--json", *here, "status").summary["rows"]
    (image, *_) = vasculum("--json", *here, "ls", "images").of("images")
    said = vasculum("--json", *here, "log", "succeed", "--yes", "--origin", "new.test/log")
    assert said.code == 0, said.err
    assert said.summary["predecessorSize"] == size
    stands(before, "herbarium.test/log", tracked_copy.layout, size)
    assert vasculum("--json", *here, "status").summary["rows"].keys() == rows.keys()
    path = tracked_copy.layout.root / "citation.json"
    cited = vasculum(*here, "cite", image["digest"], "--format", "bundle", "--output", path)
    assert cited.code == 0, cited.err
    verdict = vasculum("--json", "verify-citation", path, "--trust", str(before.log_key))
    assert (verdict.code, verdict.summary["origin"]) == (0, "herbarium.test/log")


def test_a_log_whose_lock_is_gone_can_be_continued_though_not_appended_to(fresh: Node) -> None:
    before = read_history(fresh)
    fresh.layout.log_lock.unlink()
    with writer_lock(fresh.layout.writer_lock):
        succeed(fresh, "new.test/log")
    stands(before, "herbarium.test/log", fresh.layout, 1)
    node = open_node(fresh.layout)
    with node.writing():
        for role in KeyRole:
            rotate(node, role)
    assert faults(open_node(fresh.layout)) == []


def test_without_the_key_that_was_committed_to_nothing_happens(fresh: Node) -> None:
    shutil.move(fresh.layout.next_identity_key, fresh.layout.root / "elsewhere.pem")
    with writer_lock(fresh.layout.writer_lock), pytest.raises(NodeError, match="committed"):
        succeed(fresh, "new.test/log")
    with pytest.raises(NodeError, match="another name"):
        succeed(fresh, "herbarium.test/log")
    assert open_node(fresh.layout).reader.head().size == 1


class Stop(Exception):
    """The process dies here."""


MOVES = ((Path, "replace"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"))


@pytest.mark.slow
def test_a_succession_that_dies_at_any_move_is_ended(
    fresh: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_history(fresh)
    deadly = 0
    while True:
        root = shutil.copytree(fresh.layout.root, tmp_path / str(deadly))
        node, done = open_node(Layout(root)), [0]
        with monkeypatch.context() as patch:
            for owner, name in MOVES:
                patch.setattr(owner, name, dying(getattr(owner, name), done, deadly))
            try:
                with writer_lock(node.layout.writer_lock):
                    succeed(node, "new.test/log")
            except Stop:
                ended = False
            else:
                ended = True
        if open_node(Layout(root)).config.identity.origin == "new.test/log":
            stands(before, "herbarium.test/log", Layout(root), 1)
        else:
            assert faults(open_node(Layout(root))) == []
        if ended:
            assert deadly > 8
            return
        deadly += 5


def dying(call: Callable[..., Any], done: list[int], deadly: int) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        if done[0] >= deadly:
            raise Stop
        done[0] += 1
        return call(*arguments, **options)

    return counted
