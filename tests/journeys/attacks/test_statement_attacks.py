"""What a publisher may try with leaves and statements; each leaves the follower whole."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.blobstore import add_bytes
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from provenance.contexts import CONTEXT
from provenance.errors import ProvenanceError
from provenance.keys import SigningKey
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import Publisher, Tell, Tools

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def test_oversized_leaves_keep_their_place_and_nothing_else(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        return [b'{"of":"%s","type":"large"}' % (b"x" * size) for size in (1_000, 1_001, 65_000)] + [
            b"",
            b"\xff",
        ]

    refused = tell(1).refused(publisher.forged(tmp_path / "evil", make).layout.root)
    assert list(refused) == ["4", "5", "6", "7"]


def test_a_statement_by_another_author_does_not_count(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        segment = tools.captures(node, {"url": "https://museum.example/forged.jpg"})
        return tools.leaves_of(tools.crawl(node, segment, signer=SigningKey(b"t" * 32)), segment)

    assert list(tell(1).refused(publisher.forged(tmp_path / "evil", make).layout.root)) == ["3", "4"]


def test_anothers_statements_in_this_log_do_not_count(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    other = create_node(Layout(tmp_path / "q"), "Q", "q.test/log")
    segment = tools.captures(other, {"url": "https://q.example/1.jpg"})
    statement = tools.crawl(other, segment)

    def make(node: Node) -> list[bytes]:
        shutil.copytree(other.layout.blobs, node.layout.blobs, dirs_exist_ok=True)
        return [*other.reader.leaves(), *tools.leaves_of(statement, segment)]

    assert list(tell(1).refused(publisher.forged(tmp_path / "evil", make).layout.root)) == ["3", "4", "5"]


def test_a_statement_said_twice_counts_once(tell: Tell, publisher: Publisher, tmp_path: Path) -> None:
    evil = publisher.forged(tmp_path / "evil", lambda node: list(node.reader.leaves(1, 3)))
    refused = tell(1).refused(evil.layout.root)
    assert list(refused) == ["3", "4"]


def test_a_file_as_large_as_you_like_is_not_read_as_a_statement(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)

    def make(node: Node) -> list[bytes]:
        return [StatementLeaf(add_bytes(node.store, bytes(3 << 20))).encode()]

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    story.troubled()


def test_it_does_not_matter_at_which_leaf_a_sync_ends(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)
    node = publisher.copy(tmp_path / "slow", of=publisher.second)
    shutil.rmtree(node.layout.log)
    shutil.copytree(publisher.first / "log", node.layout.log)
    shutil.copyfile(publisher.first / "log.lock", node.layout.log_lock)
    story.server.root = node.layout.root
    for leaf in publisher.later:
        node.log.append([leaf])
        assert story.sync().status == 0
    story.complete()
    story.sound()


_KINDS = ["Withdrawal", "WithdrawalDecision", "Slice", "ReplicaClaim", "Equivocation", "AuditReport"]


def test_statements_of_known_kinds_that_say_nonsense_break_nothing(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)
    members = ("withdraws", "concerns", "decision", "memberList", "missing", "evidence", "slice", "filter")
    values = ("urn:x:y", "hash://sha256/zz", ["urn:x:y", "hash://sha256/" + "0" * 64 + "#row=0"], "words")
    nonsense: list[dict[str, Any]] = [{}, *({name: value} for name in members for value in values)]

    def make(node: Node) -> list[bytes]:
        leaves = []
        for kind in _KINDS:
            for more in nonsense:
                leaves += _said(node, {"type": kind, **more})
        assert len(leaves) > 5 * len(_KINDS)
        return leaves

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    said = story.sync()
    (log,) = said.of_type("log")
    assert (log["trouble"], log["frozen"], log["taken"]) == ([], None, log["size"]), said.out
    for command in (["status"], ["ls"], ["history", "0" * 64], ["index", "rebuild"]):
        assert "Traceback" not in story.forked.run("--node", story.root, *command).err
    story.complete_beside()
    story.sound()


def _said(node: Node, document: dict[str, Any]) -> list[bytes]:
    """The leaf of a statement that can be signed at all; none of one that the profile refuses."""
    head = {"@context": list(CONTEXT), "id": new_statement_id(), "wasAttributedTo": node.identity.public.did}
    try:
        statement = issue({**head, **document}, node.identity, NOW)
    except ProvenanceError:
        return []
    return [StatementLeaf(add_bytes(node.store, statement.raw)).encode()]
