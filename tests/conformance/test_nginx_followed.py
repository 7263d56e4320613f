"""A copy of a node's public files behind nginx, with no node anywhere: a follower syncs from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from node.compose import Node, open_node
from node.create import create_node
from node.index import log_digest
from node.layout import Layout
from node.peers.add import add_peer
from node.peers.sync import follow_all
from node.serve.heads import node_document

Nginx = Callable[..., AbstractContextManager[str]]


def _copied(node: Node, target: Path) -> None:
    """What anybody may have of a node, and what it says of itself."""
    shutil.copytree(node.layout.log, target / "log")
    for digest in node.store.digests():
        source = node.store.path(digest)
        place = target / source.relative_to(node.layout.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    (target / ".well-known").mkdir()
    (target / ".well-known" / "vasculum").write_text(json.dumps(node_document(node)))


def test_a_follower_syncs_from_files_that_nginx_sends(
    nginx: Nginx, tracked_node: Node, tmp_path: Path
) -> None:
    shutil.copytree(tracked_node.layout.root, tmp_path / "node")
    museum = open_node(Layout(tmp_path / "node"))
    _copied(museum, tmp_path / "copy")
    follower = create_node(Layout(tmp_path / "follower"), "F", "f.test/log")
    with nginx("nginx-static.conf", tmp_path / "copy") as url:
        add_peer(follower, url, log=None, key=str(museum.log_key))
        (first,) = follow_all(follower)
        (second,) = follow_all(follower)
    assert (first.complete, first.refused, first.size) == (True, {}, museum.reader.head().size)
    assert (second.complete, second.new) == (True, 0)
    with museum.index() as own, open_node(follower.layout).index() as other:
        assert log_digest(other, 1, public=True) == log_digest(own, 0, public=True)
