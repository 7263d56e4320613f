"""A key revoked back to what stands in the log already: everybody comes to the same rows, early or late."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.create import create_node
from node.index import index_digest, log_digest
from node.index.rebuild import rebuild_index
from node.keys.rotate import revoke, rotate
from node.layout import Layout
from node.serve.lookup import ServedBlobs
from node.serve.watch import refresh_served
from provenance.key_history import KeyHistory
from provenance.statement.kinds import KeyRole

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum

ORIGIN = "museum.test/log"


def _publish(node: Node, vasculum: Vasculum, name: str) -> Path:
    """Tell of one file more."""
    folder = node.layout.root.with_name("files")
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(name)
    assert vasculum("--node", node.layout.root, "add", folder / f"{name}.txt").code == 0
    return folder / f"{name}.txt"


def _revoked(node: Node, since: int) -> None:
    with node.writing():
        old = node.identity.public
        rotate(node, KeyRole.IDENTITY)
        revoke(open_node(node.layout), KeyRole.IDENTITY, old, since)


def _seen(node: Node, log: int) -> tuple[Digest, list[dict[str, Any]]]:
    node = open_node(node.layout)
    with node.index() as index:
        query = "SELECT log_index FROM statement WHERE log = ? ORDER BY 1"
        return log_digest(index, log, public=True), index.rows(query, [log])


def _is_served(node: Node, data: bytes) -> bool:
    refresh_served(open_node(node.layout))
    served = ServedBlobs(node.layout.served)
    found = served.find(Digest.of(data))
    served.close()
    return found is not None


def _sync(vasculum: Vasculum, node: Node) -> dict[str, Any]:
    (log,) = vasculum("--node", node.layout.root, "--json", "sync").of("log")
    assert (log["trouble"], log["frozen"], log["taken"]) == ([], None, log["size"])
    return dict(log)


@pytest.fixture
def museum(tmp_path: Path, vasculum: Vasculum) -> Node:
    """Entries 1 and 2 tell of one file, 3 and 4 of another."""
    node = create_node(Layout(tmp_path / "museum"), "Museum", ORIGIN)
    for name in ("first", "second"):
        _publish(node, vasculum, name)
    return node


@pytest.mark.parametrize("since", [2, *(pytest.param(first, marks=pytest.mark.slow) for first in (1, 3, 5))])
def test_the_owner_takes_back_what_the_key_signed_from_there_on(
    museum: Node, vasculum: Vasculum, since: int
) -> None:
    _revoked(museum, since)
    museum = open_node(museum.layout)
    _, statements = _seen(museum, 0)
    counts = {1: [0, 5, 6], 2: [0, 1, 5, 6], 3: [0, 1, 5, 6], 5: [0, 1, 3, 5, 6]}
    assert [row["log_index"] for row in statements] == counts[since]
    with museum.index() as index:
        before = index_digest(index)
    assert rebuild_index(museum)[0] == before
    # Entry 2 is the row behind the statement of entry 1, which the key signed while it was good.
    assert _is_served(museum, b"first") == (since > 1)
    assert _is_served(museum, b"second") == (since > 3)
    assert vasculum("--node", museum.layout.root, "verify", "--deep").code == 0
    _publish(museum, vasculum, "third")
    assert [row["log_index"] for row in _seen(museum, 0)[1]] == [*counts[since], 7]


@pytest.mark.slow
def test_who_followed_before_and_who_comes_later_hold_the_same_rows(
    museum: Node, vasculum: Vasculum, served: Served, tmp_path: Path
) -> None:
    early, late, last = (
        create_node(Layout(tmp_path / name), name, f"{name}.test/log") for name in ("early", "late", "last")
    )
    with served(museum.layout.root) as url:
        assert vasculum("--node", early.layout.root, "peer", "add", url).code == 0
        assert _sync(vasculum, early)["refused"] == {}
        with early.index() as index:
            assert len(index.rows("SELECT 1 FROM capture WHERE log = 1")) == 2
        _revoked(museum, 3)
        _publish(open_node(museum.layout), vasculum, "third")
        _until_new(vasculum, early)
        assert set(open_node(early.layout).peers.refusals(ORIGIN)) == {3, 4}
        assert vasculum("--node", late.layout.root, "peer", "add", url).code == 0
        assert set(_sync(vasculum, late)["refused"]) == {"3", "4"}
    with served(early.layout.root) as url:  # the museum is gone, and what it took back is still to be had
        said = vasculum("--node", last.layout.root, "peer", "add", url, "--log", ORIGIN)
        assert said.code == 0, said.err
        assert set(_sync(vasculum, last)["refused"]) == {"3", "4"}
    seen = [_seen(museum, 0), *(_seen(node, 1) for node in (early, late, last))]
    assert seen == [seen[0]] * 4
    for node in (early, last):
        said = vasculum("--node", node.layout.root, "verify", "--deep")
        assert said.code == 0, said.out


def _until_new(vasculum: Vasculum, node: Node) -> None:
    """A server offers what was just published a second later."""
    for _ in range(60):
        (log,) = vasculum("--node", node.layout.root, "--json", "sync").of("log")
        if log["taken"] == log["size"] == 9:
            return
        time.sleep(0.5)
    raise AssertionError("the museum never showed its new entries")


def test_the_span_of_a_revoked_key_ends_with_it(museum: Node) -> None:
    from node.keys.history import read_history

    _revoked(museum, 3)
    history: KeyHistory = read_history(open_node(museum.layout))
    assert history.void_leaves == (range(3, 6),)
