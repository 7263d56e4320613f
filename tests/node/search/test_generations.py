"""What is searched follows logs, policy and withdrawals."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.compose import Node, open_node
from node.errors import SearchRefused
from node.layout import Layout
from node.search.database import SearchDatabase
from node.search.generation import bring_up, current
from node.search.run import Asked, Found, search

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture
def node(tracked_once: tuple[Path, Any], tmp_path: Path) -> Node:
    shutil.copytree(tracked_once[0], tmp_path / "node")
    return open_node(Layout(tmp_path / "node"))


def ask(node: Node, **wishes: Any) -> Found:
    database = SearchDatabase(bring_up(node))
    try:
        return search(database, Asked(**{"limit": 1000, **wishes}))
    finally:
        database.close()


def test_every_current_public_record_is_found(node: Node) -> None:
    found = ask(node)
    with node.index() as index:
        rows = index.rows(
            "SELECT leaf.segment, s.row FROM specimen s JOIN leaf USING (log, log_index) "
            "WHERE s.current AND s.access = 'public'"
        )
    assert {(hit.row.segment.raw, hit.row.row) for hit in found.hits} == {
        (r["segment"], r["row"]) for r in rows
    }


def test_the_generation_stays_until_something_changes(node: Node, tmp_path: Path, vasculum: Vasculum) -> None:
    first = bring_up(node)
    assert bring_up(node) == first
    note = tmp_path / "note.txt"
    note.write_text("a file more")
    assert vasculum("--node", node.layout.root, "add", note).code == 0
    second = bring_up(node)
    assert second != first
    assert not first.exists()
    assert current(node) is not None
    assert len(list(node.layout.search.glob("generation-*"))) == 1
    assert not list(node.layout.search.glob("making-*"))


def test_what_is_withdrawn_is_not_found_any_more(node: Node, vasculum: Vasculum) -> None:
    before = ask(node)
    gone = before.hits[0]
    said = vasculum("--node", node.layout.root, "withdraw", str(gone.row), "--reason", "personal-data")
    assert said.code == 0, said.err
    after = ask(node)
    assert after.total == before.total - 1
    assert gone.row not in {hit.row for hit in after.hits}
    with pytest.raises(SearchRefused, match="not found any more"):
        ask(node, after=str(gone.row))


def test_a_damaged_generation_is_made_anew_with_the_index(node: Node, vasculum: Vasculum) -> None:
    bring_up(node).write_bytes(b"no database")
    said = vasculum("--node", node.layout.root, "search")
    assert said.code == 1
    assert "vasculum index rebuild" in said.err
    assert vasculum("--node", node.layout.root, "index", "rebuild").code == 0
    assert vasculum("--node", node.layout.root, "search").code == 0


def test_a_killed_making_leaves_the_generation_before(node: Node) -> None:
    path = bring_up(node)
    (node.layout.search / "making-killed").mkdir()
    (node.layout.search / "making-killed" / "made.duckdb").write_bytes(b"half")
    assert bring_up(node) == path
    assert not (node.layout.search / "making-killed").exists()


def test_the_command_finds_counts_and_pages(node: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", node.layout.root, "--json", "search", "--limit", 2, "--facet", "family")
    assert said.code == 0
    assert len(said.of("record")) == 2
    (facet,) = said.of("facet")
    assert sum(value["records"] for value in facet["values"]) <= said.summary["records"]
    more = vasculum(
        "--node", node.layout.root, "--json", "search", "--limit", 2, "--after", said.summary["next"]
    )
    assert {hit["row"] for hit in more.of("record")}.isdisjoint(hit["row"] for hit in said.of("record"))
    shown = vasculum("--node", node.layout.root, "search", "kingdom:*", "--facet", "family")
    assert "records fit" in shown.err
    assert "#" in shown.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["contry:BE"], 2, "line 1, column 1"),
        (["--facet", "nothing"], 2, "is no facet"),
        (["--limit", "100000"], 2, "between 0 and 1000"),
        (["--sort", "nothing"], 2, "is no order"),
        (["--after", "nothing"], 2, "no address of a record"),
        (["@/nowhere/at/all"], 2, "cannot be read"),
    ],
)
def test_what_is_wrong_is_told(
    tracked: Node, vasculum: Vasculum, arguments: Any, code: int, words: str
) -> None:
    said = vasculum("--node", tracked.layout.root, "search", *arguments)
    assert said.code == code
    assert words in said.err


def test_the_records_are_summed_up(tracked: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", tracked.layout.root, "--json", "stats")
    assert said.code == 0
    assert said.summary["records"] == ask(tracked).total
    assert {facet["facet"] for facet in said.of("facet")} >= {"class", "family", "country", "license"}
    assert vasculum("--node", tracked.layout.root, "stats", "--over-time", "taxon:a").code == 2
