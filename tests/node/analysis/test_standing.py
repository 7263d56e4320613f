"""Standing analyses: after a crawl, by a back-fill, as a job; never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from node.compose import Node
from node.museum import Museum

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def _want(node: Node, settings: str) -> None:
    path = node.layout.config
    path.write_text(f"{path.read_text('utf-8')}\n[analysis]\n{settings}\n", "utf-8")


def test_a_crawl_ends_with_the_analyses_that_are_wanted_and_a_second_back_fill_does_nothing(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    _want(fresh, 'analyzers = ["image-facts"]\nafter_track = true')
    root = fresh.layout.root
    said = vasculum("--json", "--node", root, "track", museum.archive_url)
    analysed = said.summary
    assert (analysed["analyzer"], analysed["before"], analysed["failed"]) == ("image-facts", 0, 0)
    assert analysed["analyzed"] == analysed["images"] > 20
    again = vasculum("--json", "--node", root, "analyze").summary
    assert (again["analyzed"], again["before"], again["statement"]) == (0, analysed["images"], None)


def test_a_wrong_setting_and_a_missing_name_are_told(fresh: Node, vasculum: Vasculum) -> None:
    assert vasculum("--node", fresh.layout.root, "analyze").code == 2
    _want(fresh, "analyzers = 3\nsometimes = true")
    said = vasculum("--node", fresh.layout.root, "config", "check")
    assert said.code == 1
    assert "analysis.analyzers" in said.err
    assert "analysis.sometimes" in said.err


def test_an_analyzer_that_is_not_installed_stops_before_anything_is_run(
    fresh: Node, vasculum: Vasculum
) -> None:
    _want(fresh, 'analyzers = ["image-facts", "no-such-one"]')
    said = vasculum("--node", fresh.layout.root, "analyze")
    assert said.code == 1
    assert "no-such-one" in said.err


@pytest.mark.slow
def test_an_analysis_is_a_job_like_others(tracked_copy: Node, vasculum: Vasculum) -> None:
    root = tracked_copy.layout.root
    wrong = ("analyzer=image-facts", "filter=country:")
    assert vasculum("--node", root, "jobs", "submit", "analyze", *wrong).code != 0
    job = vasculum("--json", "--node", root, "jobs", "submit", "analyze", "analyzer=image-facts").summary
    assert vasculum("--node", root, "jobs", "run", "--drain").code == 0, job
    with tracked_copy.index() as index:
        found = index.one("SELECT count(DISTINCT digest) AS images FROM analysis")
    assert found is not None
    assert found["images"] > 20
