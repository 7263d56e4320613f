"""What whoever shows a log may try with its heads and tiles; each leaves the follower whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.create import create_node
from node.layout import Layout
from node.peers.model import Peer
from provenance.log.leaf import StatementLeaf

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import HostileNode, Publisher, Tell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
_OTHER = StatementLeaf(Digest.of(b"another history")).encode()


@pytest.mark.parametrize("leaves", [2, 7], ids=["of-one-size", "of-more-leaves"])
def test_two_histories_freeze_the_log(tell: Tell, publisher: Publisher, tmp_path: Path, leaves: int) -> None:
    story = tell(2)
    fork = publisher.copy(tmp_path / "fork")
    fork.log.append([_OTHER] * leaves)
    story.server.root = fork.layout.root
    said = story.sync()
    (log,) = said.of_type("log")
    assert (said.status, log["new"]) == (4, 0)
    assert "two histories" in log["frozen"]
    assert len(story.follower.peers.evidence("publisher.test/log")) == 2
    assert story.rows() == story.before
    story.server.root = publisher.second
    assert story.sync().status == 4  # until the log is succeeded
    assert story.rows() == story.before


def test_a_log_that_went_back_is_not_believed(tell: Tell, publisher: Publisher) -> None:
    story = tell(2)
    story.server.root = publisher.first
    assert "went back" in story.troubled()
    story.heals()


def test_who_never_shows_a_new_head_is_passed_by(
    tell: Tell, publisher: Publisher, hostile: Callable[[Path], HostileNode]
) -> None:
    story = tell(1)
    mirror = hostile(publisher.second)
    log = story.follower.peers.logs()[0]
    story.follower.peers.add(Peer(mirror.url, "Mirror", "mirror.test/log", "2026-01-01T00:00:00+00:00"), log)
    story.sync()
    story.complete()
    story.sound()


def test_tiles_of_another_history_do_not_fit(tell: Tell, publisher: Publisher, tmp_path: Path) -> None:
    story = tell(1)
    other = publisher.copy(tmp_path / "other")
    other.log.append([_OTHER] * len(publisher.later))

    def mixed(path: str, answer: bytes | None) -> bytes | None:
        tile = path.startswith("/log/tile/")
        return (other.layout.root / path[1:]).read_bytes() if tile else answer

    story.server.root, story.server.lie = publisher.second, mixed
    assert "do not fit" in story.troubled()
    story.heals()


def test_a_third_peers_bent_tiles_freeze_nobodys_log(
    tell: Tell, publisher: Publisher, hostile: Callable[[Path], HostileNode]
) -> None:
    story = tell(1)

    def bent(path: str, answer: bytes | None) -> bytes | None:
        return answer[:-1] + bytes([answer[-1] ^ 1]) if answer and "/tile/" in path else answer

    story.server.root, story.server.lie = publisher.second, bent
    story.troubled()
    story.heals()


def test_a_checkpoint_of_another_log_is_none_of_this(tell: Tell, tmp_path: Path) -> None:
    story = tell(1)
    story.server.root = create_node(Layout(tmp_path / "q"), "Q", "q.test/log").layout.root
    assert "no checkpoint" in story.troubled()
    story.heals()
