"""Whoever follows a log follows it through every change of its keys, and a late comer learns them all."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import open_node
from node.create import create_node
from node.layout import Layout
from node.verify import verify_node

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum


def synced(vasculum: Vasculum, root: Path) -> None:
    """A server offers what was just published a second later."""
    until = time.monotonic() + 30
    while (said := vasculum("--node", root, "sync")).code != 0:
        assert time.monotonic() < until, said.out + said.err
        time.sleep(0.5)


@pytest.mark.slow
def test_a_follower_goes_through_every_change_of_keys(
    tmp_path: Path, vasculum: Vasculum, served: Served
) -> None:
    for name in "abc":
        create_node(Layout(tmp_path / name), name.upper(), f"{name}.test/log")
        (tmp_path / f"{name}.txt").write_text(name)
    keeper = ("--quiet", "--node", tmp_path / "a")
    first = open_node(Layout(tmp_path / "a")).log_key
    assert vasculum(*keeper, "add", tmp_path / "a.txt").code == 0
    with served(tmp_path / "a") as url:
        assert vasculum("--node", tmp_path / "b", "peer", "add", url, "--key", str(first)).code == 0
        assert vasculum("--node", tmp_path / "b", "sync").code == 0
        for name in "bc":
            assert vasculum(*keeper, "key", "rotate").code == 0
            assert vasculum(*keeper, "add", tmp_path / f"{name}.txt").code == 0
        synced(vasculum, tmp_path / "b")
        assert vasculum("--node", tmp_path / "c", "peer", "add", url).code == 0
        synced(vasculum, tmp_path / "c")
    size = open_node(Layout(tmp_path / "a")).reader.head().size
    for name in "bc":
        node = open_node(Layout(tmp_path / name))
        assert node.peers.taken("a.test/log") == size
        assert node.peers.refusals("a.test/log") == {}
        assert list(verify_node(node, deep=True, progress=lambda _: None, phase=lambda _: None)) == []
