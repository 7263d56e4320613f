"""A node changes its keys: it still works, verifies deeply, and whatever dies halfway is ended or undone."""

from __future__ import annotations

import random
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.merkle import verify_consistency
from node.compose import Node, open_node
from node.errors import NodeError
from node.keys.history import read_history
from node.keys.rotate import publish, revoke, rotate
from node.layout import Layout
from node.verify import verify_node
from provenance import post_quantum
from provenance.cosignature import cosignatures
from provenance.errors import BadKeyChange
from provenance.keys import SigningKey
from provenance.log.checkpoint import open_checkpoint
from provenance.log.note import parse_note
from provenance.statement import issue
from provenance.statement.kinds import KeyRole

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

ROLES = list(KeyRole)


def faults(layout: Layout) -> list[str]:
    node = open_node(layout)
    return [
        f"{fault.path}: {fault.message}"
        for fault in verify_node(node, deep=True, progress=lambda _: None, phase=lambda _: None)
    ]


def changed(layout: Layout, role: KeyRole) -> Node:
    node = open_node(layout)
    with node.writing():
        rotate(node, role)
    return node


@pytest.mark.parametrize("role", ROLES)
def test_a_key_changes_to_the_one_that_was_committed_to(fresh: Node, role: KeyRole) -> None:
    before = read_history(fresh)
    following = fresh.layout.next_identity_key if role is KeyRole.IDENTITY else fresh.layout.next_log_key
    expected = SigningKey.load(following).public
    with fresh.writing():
        done = rotate(fresh, role)
    assert (done.new, done.committed, done.log_index) == (expected, True, 1)
    history = read_history(open_node(fresh.layout))
    assert (history.identity, history.log_key.key) == (
        (expected, before.log_key.key) if role is KeyRole.IDENTITY else (before.identity, expected)
    )
    assert faults(fresh.layout) == []
    kept = list(fresh.layout.former_keys.iterdir())
    assert [SigningKey.load(path).public for path in kept] == [done.old]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)


def test_keys_change_again_and_again(fresh: Node) -> None:
    for role in ROLES * 2:
        changed(fresh.layout, role)
        assert faults(fresh.layout) == []
    history = read_history(open_node(fresh.layout))
    assert [len(history.identities), len(history.logs)] == [3, 3]
    assert all(span.committed for span in (*history.identities[1:], *history.logs[1:]))


def test_the_checkpoint_of_a_change_is_signed_by_both_keys_and_the_next_by_the_new_one(fresh: Node) -> None:
    old = fresh.log_key
    node = changed(fresh.layout, KeyRole.LOG)
    data = node.reader.signed_checkpoint()
    assert data is not None
    assert open_checkpoint(data, old) == open_checkpoint(data, node.log_key)
    changed(fresh.layout, KeyRole.IDENTITY)
    data = open_node(fresh.layout).reader.signed_checkpoint()
    assert data is not None
    lines = parse_note(data).signatures
    assert [line.key_id for line in lines if len(line.signature) == 64] == [node.log_key.key_id]
    history = read_history(open_node(fresh.layout))
    if post_quantum.available():
        key = history.post_quantum[-1][1]
        assert len(history.post_quantum) == 2
        assert [
            each.key for each in cosignatures(parse_note(data), open_checkpoint(data, node.log_key), [key])
        ] == [key]


def test_a_node_from_before_says_that_its_first_change_was_not_committed_to(
    fresh: Node, tmp_path: Path
) -> None:
    node = unprepared(tmp_path)
    with node.writing():
        first, second = rotate(node, KeyRole.IDENTITY), rotate(node, KeyRole.IDENTITY)
    assert (first.committed, second.committed) == (False, True)
    assert faults(node.layout) == []


def unprepared(folder: Path) -> Node:
    """A node as it was made before keys were committed to: no next keys, one algorithm."""
    from datetime import UTC, datetime

    from node.config import new_config_text
    from provenance.keys import VerifierKey
    from provenance.statement import new_statement_id
    from provenance.statement.kinds import LogDescription

    layout = Layout(folder / "old")
    layout.identity_key.parent.mkdir(parents=True)
    layout.config.write_text(new_config_text("Old", "old.test/log"))
    identity, log = SigningKey.generate(), SigningKey.generate()
    identity.save(layout.identity_key)
    log.save(layout.log_key)
    key = VerifierKey("old.test/log", log.public)
    layout.identity_public.write_text(f"{identity.public.did}\n")
    layout.log_public.write_text(f"{key}\n")
    node = open_node(layout)
    made = datetime.now(UTC)
    described = LogDescription(new_statement_id(), key, identity.public, "Old", made)
    publish(node, issue(described.document(), identity, made))
    return node


def test_a_key_that_was_committed_to_may_be_kept_elsewhere_but_has_to_come_back(
    fresh: Node, tmp_path: Path
) -> None:
    shutil.move(fresh.layout.next_identity_key, tmp_path / "safe.pem")
    assert faults(fresh.layout) == []
    with fresh.writing(), pytest.raises(NodeError, match="Put it back"):
        rotate(fresh, KeyRole.IDENTITY)
    SigningKey.generate().save(fresh.layout.next_identity_key)
    assert "committed" in faults(fresh.layout)[0]
    with fresh.writing(), pytest.raises(NodeError, match="not the key"):
        rotate(fresh, KeyRole.IDENTITY)
    fresh.layout.next_identity_key.unlink()
    shutil.move(tmp_path / "safe.pem", fresh.layout.next_identity_key)
    changed(fresh.layout, KeyRole.IDENTITY)
    assert faults(fresh.layout) == []


def test_a_former_key_is_revoked_and_the_present_one_is_not(fresh: Node) -> None:
    with fresh.writing():
        done = rotate(fresh, KeyRole.IDENTITY)
        with pytest.raises(BadKeyChange):
            revoke(fresh, KeyRole.IDENTITY, done.new)
        revoke(fresh, KeyRole.IDENTITY, done.old)
        with pytest.raises(BadKeyChange):
            revoke(fresh, KeyRole.IDENTITY, done.old)
    assert read_history(fresh).identities[0].void_from == 2
    assert faults(fresh.layout) == []


class Stop(Exception):
    """The process dies here."""


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_change_that_dies_at_any_step_is_ended_or_undone(
    fresh: Node, tmp_path: Path, role: KeyRole
) -> None:
    for deadly in range(100):
        root = shutil.copytree(fresh.layout.root, tmp_path / str(deadly))
        steps: list[str] = []

        def step(name: str, steps: list[str] = steps, deadly: int = deadly) -> None:
            if len(steps) == deadly:
                raise Stop
            steps.append(name)

        node = open_node(Layout(root))
        old = node.reader.head()
        try:
            with node.writing():
                rotate(node, role, step)
        except Stop:
            pass
        else:
            assert deadly > 6
            return
        assert faults(Layout(root)) == [], f"in the middle, before {len(steps)}"
        again = open_node(Layout(root))
        with again.writing():
            assert not again.layout.change_under_way
        assert faults(Layout(root)) == []
        new = again.reader.head()
        verify_consistency(old.size, old.root, new.size, new.root, again.reader.consistency(old))
    pytest.fail("the change never ended")


CHANGER = """
import itertools, os, sys
from pathlib import Path
from node.compose import open_node
from node.keys.rotate import rotate
from node.layout import Layout
from provenance.statement.kinds import KeyRole
node = open_node(Layout(Path(sys.argv[1])))
os.write(1, b"ready\\n")
for role in itertools.cycle(KeyRole):
    with node.writing():
        rotate(node, role)
    os.write(1, b"changed\\n")
"""


@pytest.mark.slow
def test_kill_9_at_any_moment_of_a_change_leaves_a_node_that_signs_and_forks_nothing(fresh: Node) -> None:
    chance = random.Random(6962)
    old, told = fresh.reader.head(), 0
    for life in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", CHANGER, str(fresh.layout.root)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        if life % 2 == 0:
            assert process.stdout.readline() == b"changed\n"
            told += 1
        time.sleep(chance.uniform(0, 0.8))
        process.kill()
        told += process.stdout.read().count(b"changed\n")
        process.wait()
        node = open_node(fresh.layout)
        with node.writing():
            pass
        assert faults(fresh.layout) == []
        new = node.reader.head()
        verify_consistency(old.size, old.root, new.size, new.root, node.reader.consistency(old))
        old = new
    history = read_history(open_node(fresh.layout))
    assert len(history.identities) + len(history.logs) - 2 >= told >= 3


def test_a_citation_by_a_node_whose_keys_have_changed_still_verifies(
    tracked_copy: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    first = tracked_copy.log_key
    for role in ROLES:
        changed(tracked_copy.layout, role)
    here = ("--node", tracked_copy.layout.root)
    path = tmp_path / "all.json"
    assert vasculum(*here, "cite", "--format", "bundle", "--output", path).code == 0
    for key in (first, open_node(tracked_copy.layout).log_key):
        said = vasculum("--json", "verify-citation", path, "--trust", str(key))
        assert (said.code, said.summary["outcome"]) == (0, "verified")
