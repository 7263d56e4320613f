"""A follower goes on with the log that continues another by right, and with no other."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import open_node
from node.create import create_node
from node.keys.rotate import publish
from node.layout import Layout
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import LogSuccessor

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum


def thieves_log(root: Path, robbed: Path) -> Path:
    """A log by one who has every present key of another, but not the next one, which was kept elsewhere."""
    layout, victim = Layout(root), open_node(Layout(robbed))
    layout.identity_key.parent.mkdir(parents=True)
    shutil.copy(victim.layout.identity_key, layout.identity_key)
    node = create_node(layout, "A", "thief.test/log")
    made, head = datetime.now(UTC), victim.reader.head()
    said = LogSuccessor(new_statement_id(), "thief.test/log", "a.test/log", head, made)
    with node.writing():
        assert publish(node, issue(said.document(), node.identity, made)) == 1
    return root


@pytest.mark.slow
def test_a_follower_goes_on_with_the_log_that_continues_another_by_right_only(
    tmp_path: Path, vasculum: Vasculum, served: Served, free_port: int
) -> None:
    for name in "ab":
        create_node(Layout(tmp_path / name), name.upper(), f"{name}.test/log")
    (tmp_path / "a.txt").write_text("a")
    assert vasculum("--node", tmp_path / "a", "add", tmp_path / "a.txt").code == 0
    with served(tmp_path / "a", free_port) as url:
        assert vasculum("--node", tmp_path / "b", "peer", "add", url).code == 0
        assert vasculum("--node", tmp_path / "b", "sync").code == 0
    with served(thieves_log(tmp_path / "thief", tmp_path / "a"), free_port):
        refused = vasculum("--node", tmp_path / "b", "sync")
    assert (refused.code, "committed" in refused.err) == (3, True), refused.err
    assert [log.origin for log in open_node(Layout(tmp_path / "b")).peers.logs()] == ["a.test/log"]
    said = vasculum("--node", tmp_path / "a", "log", "succeed", "--yes", "--origin", "new.test/log")
    assert said.code == 0, said.err
    assert vasculum("--node", tmp_path / "a", "add", tmp_path / "a.txt").code == 0
    with served(tmp_path / "a", free_port):
        told = vasculum("--node", tmp_path / "b", "sync")
        assert "continued by new.test/log" in told.err, told.out + told.err
        until = time.monotonic() + 30
        node = open_node(Layout(tmp_path / "b"))
        while node.peers.taken("new.test/log") < 4:
            assert time.monotonic() < until
            vasculum("--node", tmp_path / "b", "sync")
            time.sleep(0.5)
    frozen = {log.origin: log.frozen for log in node.peers.logs()}
    assert frozen == {"a.test/log": "it is continued by new.test/log", "new.test/log": None}
