"""Real nodes: one forks itself, a follower proves it; a third cosigns only one of the two stories."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout, mirror_name
from provenance.cosignature import cosignatures
from provenance.log.checkpoint import open_checkpoint
from provenance.log.note import parse_note
from provenance.statement import parse_statement
from provenance.statement.kinds.equivocation import Equivocation, read_equivocation
from provenance.witness import encode_request

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum


@pytest.fixture
def forked(tmp_path: Path, vasculum: Vasculum) -> tuple[Path, Path]:
    """A node and its copy, lock file and all, which then went different ways."""
    create_node(Layout(tmp_path / "a"), "A", "a.test/log")
    shutil.copytree(tmp_path / "a", tmp_path / "other")
    for name in ("a", "other"):
        (tmp_path / f"{name}.txt").write_text(name)
        assert vasculum("--quiet", "--node", tmp_path / name, "add", tmp_path / f"{name}.txt").code == 0
    (tmp_path / "more.txt").write_text("more")
    assert vasculum("--quiet", "--node", tmp_path / "other", "add", tmp_path / "more.txt").code == 0
    return tmp_path / "a", tmp_path / "other"


@pytest.mark.slow
def test_a_follower_proves_a_fork_and_tells_it(
    forked: tuple[Path, Path], tmp_path: Path, vasculum: Vasculum, served: Served, free_port: int
) -> None:
    create_node(Layout(tmp_path / "b"), "B", "b.test/log")
    port, here = free_port, ("--json", "--node", tmp_path / "b")
    with served(forked[0], port) as url:
        assert vasculum(*here, "peer", "add", url).code == 0
        assert vasculum(*here, "sync").code == 0
    with served(forked[1], port):
        said = vasculum(*here, "sync")
    assert (said.code, said.summary["frozen"]) == (4, 1)
    assert "proof: hash://sha256/" in said.out
    assert [item["origin"] for item in vasculum(*here, "equivocation", "ls").of("equivocation")] == [
        "a.test/log"
    ]
    proof = tmp_path / "proof.json"
    proof.write_text(vasculum(*here[1:], "equivocation", "show", "a.test/log").out)
    key, stranger = open_node(Layout(forked[0])).log_key, open_node(Layout(tmp_path / "b")).log_key
    assert vasculum("equivocation", "verify", proof, "--key", str(key)).code == 0
    assert vasculum("equivocation", "verify", proof, "--key", str(stranger)).code == 4
    told = vasculum(*here, "equivocation", "publish", "a.test/log").summary
    stated = published(open_node(Layout(tmp_path / "b")), told["logIndex"])
    assert (stated.origin, stated.evidence.uri) == ("a.test/log", told["proof"])
    assert vasculum(*here, "verify", "--deep").code == 0


def published(node: Node, index: int) -> Equivocation:
    from provenance.log.leaf import StatementLeaf, decode_leaf

    leaf = decode_leaf(node.reader.leaf(index))
    assert isinstance(leaf, StatementLeaf)
    return read_equivocation(parse_statement(node.store.read(leaf.statement)))


@pytest.mark.slow
def test_a_node_asks_another_that_follows_it_and_the_other_cosigns_one_story_only(
    forked: tuple[Path, Path], tmp_path: Path, vasculum: Vasculum, served: Served
) -> None:
    from node.witness.own import own_cosigner

    node = open_node(Layout(forked[0]))
    create_node(Layout(tmp_path / "w"), "W", "w.test/log")
    cosigner = own_cosigner(open_node(Layout(tmp_path / "w")))
    with served(forked[0]) as url:
        assert vasculum("--node", tmp_path / "w", "peer", "add", url).code == 0
    with served(tmp_path / "w") as url:
        for root in forked:
            config = root / "node.toml"
            ask = f'\n[witness]\n[[witness.ask]]\nurl = "{url}/witness"\nkey = "{cosigner.key}"\n'
            config.write_text(config.read_text() + ask)
        assert vasculum("--node", forked[0], "log", "cosign").code == 0
        refused = vasculum("--node", forked[1], "log", "cosign")
        assert (refused.code, "422" in refused.out) == (3, True)
        name = mirror_name("a.test/log")
        kept = httpx.get(f"{url}/witness/{name}/checkpoint").content
        other = open_node(Layout(forked[1])).reader.signed_checkpoint()
        assert other is not None
        strange = httpx.post(f"{url}/witness/add-checkpoint", content=encode_request(9, (), other))
        assert strange.status_code == 400
    signed = node.reader.signed_checkpoint()
    assert signed is not None
    for data in (signed, kept):
        assert len(cosignatures(parse_note(data), open_checkpoint(data, node.log_key), [cosigner.key])) == 1
    assert vasculum("--node", forked[0], "verify", "--deep").code == 0
