"""How much a followed log may take here: the others go on, nothing is lost, and more room lets it go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import Node, open_node
from node.config import FollowConfig
from node.create import create_node
from node.errors import DiskNearlyFull, LimitReached
from node.layout import Layout
from node.peers.add import add_peer
from node.peers.allowance import Allowance, check_floor, sized
from node.peers.sync import follow_all

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.peers.conftest import Follow, Peers, Rogues

ORIGIN = "museum.test/log"


@pytest.mark.parametrize("most", [1, 3_000, 6_000], ids=["entries", "statements", "segments"])
def test_a_log_stops_at_its_limit_while_others_go_on(
    most: int, museum: Node, following: Follow, rogue: Rogues, peers: Peers, tmp_path: Path
) -> None:
    other = create_node(Layout(tmp_path / "other"), "Other", "other.test/log")
    shown, node = rogue(peers.shown(museum)), following("small", rogue(peers.shown(other)))
    add_peer(node, shown.url, log=None, key=None, most=most)
    for _ in range(2):
        limited, went_on = follow_all(node)
        assert (limited.origin, limited.complete, limited.refused) == (ORIGIN, False, {})
        assert "--most-bytes" in limited.trouble[-1]
        assert went_on.complete
        assert sum(path.stat().st_size for path in node.layout.blobs.rglob("*") if path.is_file()) < 20_000
    add_peer(node, shown.url, log=None, key=None, most=1_000_000)
    assert all(result.complete for result in follow_all(node))
    log = node.peers.log(ORIGIN)
    assert 6_000 < log.used < 1_000_000
    assert (follow_all(node)[0].trouble, node.peers.log(ORIGIN).used) == ([], log.used)


def test_the_limit_is_given_on_the_command_line_and_shown(
    museum: Node, rogue: Rogues, peers: Peers, fresh: Node, vasculum: Vasculum
) -> None:
    url = rogue(peers.shown(museum)).url
    command = ("--node", fresh.layout.root, "--json", "peer", "add", url, "--most-bytes")
    assert vasculum(*command, "1kB").code == 0
    said = vasculum("--node", fresh.layout.root, "--json", "sync")
    assert (said.code, said.summary["partial"]) == (3, 1)
    assert vasculum(*command, "20MB").code == 0
    assert vasculum("--node", fresh.layout.root, "--json", "sync").code == 0
    (log,) = vasculum("--node", fresh.layout.root, "--json", "peer", "ls").of("log")
    assert log["mostBytes"] == 20_000_000
    assert log["bytes"] == open_node(fresh.layout).peers.log(ORIGIN).used


def test_a_disk_that_is_nearly_full_stops_every_sync_with_a_word(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers
) -> None:
    node = following("full", rogue(peers.shown(museum)))
    greedy = replace(node, config=replace(node.config, follow=FollowConfig(keep_free=1 << 60)))
    with pytest.raises(DiskNearlyFull, match="keep_free"):
        follow_all(greedy)
    assert follow_all(node)[0].complete


def test_threads_share_what_is_left(tmp_path: Path) -> None:
    allowance = Allowance("a.test/log", 10, 100, tmp_path, 0)
    allowance(7)
    with pytest.raises(LimitReached, match=r"a\.test/log has reached the 100 bytes"):
        allowance(4)
    check_floor(tmp_path, 0)
    watched = Allowance("a.test/log", 1 << 60, 1 << 60, tmp_path, 1 << 60)
    with pytest.raises(DiskNearlyFull):
        watched(17 << 20)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (2 * 10**12, "2 TB")]
)
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert sized(count) == text
