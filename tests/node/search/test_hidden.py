"""What was withdrawn is not found from then on, long before there is a generation without it."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.compose import Node, open_node
from node.errors import SearchRefused
from node.layout import Layout
from node.search.database import SearchDatabase
from node.search.facet import FACET_NAMES
from node.search.generation import bring_up, current, hide_withdrawn
from node.search.run import Asked, Found, search
from node.serve.making import SearchMaker

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture
def node(tracked_once: tuple[Path, Any], tmp_path: Path) -> Node:
    shutil.copytree(tracked_once[0], tmp_path / "node")
    node = open_node(Layout(tmp_path / "node"))
    bring_up(node)
    return node


def ask(node: Node, **wishes: Any) -> Found:
    generation = current(node)
    assert generation is not None
    database = SearchDatabase(generation.path, hidden=generation.hidden)
    try:
        return search(
            database, Asked(limit=1000, facets=["family", "license", "decade"], values=1000, **wishes)
        )
    finally:
        database.close()


def rows(found: Found) -> set[str]:
    return {str(hit.row) for hit in found.hits}


def withdraw(node: Node, vasculum: Vasculum, what: object) -> None:
    said = vasculum("--node", node.layout.root, "withdraw", what, "--reason", "personal-data")
    assert said.code == 0, said.err
    hide_withdrawn(node)


def test_a_withdrawn_record_is_hidden_and_the_others_are_counted(node: Node, vasculum: Vasculum) -> None:
    made, before = current(node), ask(node)
    gone = str(before.hits[0].row)
    withdraw(node, vasculum, gone)
    after, still = ask(node), current(node)
    assert made is not None
    assert still is not None
    assert still.path == made.path
    assert rows(after) == rows(before) - {gone}
    assert after.total == before.total - 1
    for facet in after.facets:
        assert sum(records for _, records in facet.values) + facet.missing == after.total
    with pytest.raises(SearchRefused, match="not found any more"):
        ask(node, after=gone)
    bring_up(node)
    later = ask(node)
    assert later.total == after.total
    assert {facet.values for facet in later.facets} == {facet.values for facet in after.facets}


def test_who_shows_a_withdrawn_image_or_medium_is_hidden_meanwhile(node: Node, vasculum: Vasculum) -> None:
    before = ask(node)
    pictured = [hit for hit in before.hits if hit.images]
    image = pictured[0].images[0]
    withdraw(node, vasculum, image.hex)
    assert rows(ask(node)) == {str(hit.row) for hit in before.hits if image not in hit.images}
    bring_up(node)
    assert all(image not in hit.images for hit in ask(node).hits)
    with node.index() as index:
        (medium,) = index.rows(
            "SELECT hex(leaf.segment) AS segment, m.row, m.id FROM media m JOIN leaf USING (log, log_index) "
            "WHERE m.current AND m.access = 'public' AND m.id IS NOT NULL ORDER BY ALL LIMIT 1"
        )
    before = ask(node)
    withdraw(node, vasculum, f"hash://sha256/{medium['segment'].lower()}#row={medium['row']}")
    hidden = rows(before) - rows(ask(node))
    assert len(hidden) == 1


def test_too_much_to_be_hidden_gives_up_the_generation(
    node: Node, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.search.hidden.MOST_HIDDEN", 0)
    withdraw(node, vasculum, ask(node).hits[0].row)
    assert current(node) is None
    bring_up(node)
    assert current(node) is not None


def test_a_generation_of_another_version_is_not_read(node: Node) -> None:
    told = node.layout.search / "current.json"
    said = json.loads(told.read_text())
    said["state"]["version"] = [0, 0]
    told.write_text(json.dumps(said))
    assert current(node) is None


def test_one_is_made_beside_other_work_and_another_when_that_is_done(
    node: Node, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.search import generation

    first, go_on, make = current(node), threading.Event(), generation.make_generation

    def slowly(work: Path, tell: Any) -> Path:
        assert go_on.wait(60)
        return make(work, tell)

    monkeypatch.setattr(generation, "make_generation", slowly)
    maker, before = SearchMaker(), ask(node)
    for hit in before.hits[:2]:  # the second is withdrawn while the generation without the first is made
        said = vasculum("--node", node.layout.root, "withdraw", hit.row, "--reason", "personal-data")
        assert said.code == 0, said.err
        maker.changed(node)
        maker.go_on(node)
        assert maker.busy
        assert str(hit.row) not in rows(ask(node))
    go_on.set()
    assert maker.wait(60)
    left = {str(hit.row) for hit in before.hits[2:]}
    assert rows(ask(node)) == left
    maker.go_on(node)
    assert maker.wait(60)
    second = current(node)
    assert first is not None
    assert second is not None
    assert second.hidden is None
    assert second.path != first.path
    assert rows(ask(node)) == left


def test_facets_of_every_kind_leave_out_what_is_hidden(node: Node, vasculum: Vasculum) -> None:
    withdraw(node, vasculum, ask(node).hits[3].row)
    generation = current(node)
    assert generation is not None
    assert generation.hidden is not None
    meanwhile = SearchDatabase(generation.path, hidden=generation.hidden)
    afterwards = SearchDatabase(bring_up(node))
    for name in FACET_NAMES:
        asked = Asked(limit=0, facets=[name], values=1000)
        assert search(meanwhile, asked) == search(afterwards, asked)
    meanwhile.close()
    afterwards.close()
