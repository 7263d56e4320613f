"""Growth curves against the node that tracked the museum in both its versions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from node.compose import Node
from node.errors import SearchRefused
from node.search.growth import growth

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def test_the_last_point_is_what_there_is_now(tracked: Node) -> None:
    with tracked.index() as index:
        points = growth(tracked, index, "family", "records", 100)
        now = index.rows("SELECT family, count(*) AS n FROM specimen WHERE current GROUP BY family")
    assert {value: n for value, n in points[-1].counts.items() if n} == {
        row["family"]: row["n"] for row in now
    }


def test_each_point_is_what_its_snapshot_has(tracked: Node) -> None:
    with tracked.index() as index:
        points = growth(tracked, index, "class", "records", 100)
        assert len(points) == 2
        for point in points:
            rows = index.rows(
                "SELECT class FROM specimen s WHERE log_index < ? AND change <> 'removed' AND NOT EXISTS ("
                "  SELECT 1 FROM specimen later JOIN leaf ON leaf.log = later.log"
                "  AND later.revisionOf = 'hash://sha256/' || lower(hex(leaf.segment)) || '#row=' || s.row"
                "  WHERE leaf.log_index = s.log_index AND later.log_index < ?)",
                [point.log_size, point.log_size],
            )
            counted = Counter(row["class"] for row in rows)
            assert {value: n for value, n in point.counts.items() if n} == dict(counted)
            assert point.root.raw == tracked.reader.head_at(point.log_size).root


def test_images_grow_with_the_crawl_that_brought_them_first(tracked: Node) -> None:
    with tracked.index() as index:
        points = growth(tracked, index, "class", "images", 100)
        distinct = index.rows(
            "SELECT count(DISTINCT digest) AS n FROM capture WHERE role = 'image' AND access = 'public'"
        )
    assert sum(points[-1].counts.values()) == distinct[0]["n"]


def test_what_is_not_among_the_commonest_is_counted_together(tracked: Node) -> None:
    with tracked.index() as index:
        (whole, few) = (growth(tracked, index, "family", "records", most)[-1] for most in (100, 1))
    assert len(few.counts) == 2
    assert sum(few.counts.values()) == sum(whole.counts.values())


def test_there_are_curves_by_columns_only(tracked: Node) -> None:
    with tracked.index() as index, pytest.raises(SearchRefused, match="but by kingdom"):
        growth(tracked, index, "1); DROP TABLE leaf; --", "records", 5)


def test_the_command_tells_a_line_for_each_crawl(tracked: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", tracked.layout.root, "--json", "stats", "--over-time", "--by", "class")
    assert said.code == 0
    assert said.summary == {"type": "summary", "points": 2, "by": "class", "of": "records"}
    for point in said.of("point"):
        assert point["crawl"].startswith("hash://sha256/")
        assert point["rootHash"].startswith("hash://sha256/")
        assert point["logSize"] > 0
