"""A back-fill: an analyzer that changed reads what its forerunner read, once; a new one everything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from analyzers.registry import find_analyzer
from node.compose import Node, open_node
from node.jobs.model import State
from node.jobs.store import JobStore

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum


@pytest.fixture
def pictured(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> Node:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (30 + number, 20), (number, 90, 60)).save(folder / f"{number}.png")
    assert vasculum("--quiet", "--node", fresh.layout.root, "add", folder).code == 0
    return fresh


def change(source: Path, before: str, after: str) -> None:
    """The analyzer's author changes it, as an update of its package would."""
    source.write_text(source.read_text("utf-8").replace(before, after), "utf-8")
    sys.modules.pop(source.stem, None)
    find_analyzer.cache_clear()


def runs(said: Said) -> list[tuple[str, int, int]]:
    return [(one["analyzer"], one["analyzed"], one["before"]) for one in said.of("summary")]


def test_a_changed_analyzer_reads_what_it_had_read_and_a_second_back_fill_does_nothing(
    pictured: Node, brightness: Path, vasculum: Vasculum
) -> None:
    root = pictured.layout.root
    analyze = ("--json", "--node", root, "analyze")
    assert vasculum(*analyze, "brightness", "--shard", "1/2").code == 0
    with pictured.index() as index:
        some = len(list(index.rows("SELECT DISTINCT digest FROM analysis")))
    assert vasculum(*analyze, "image-facts").summary["analyzed"] == 4
    assert sorted(runs(vasculum(*analyze, "--backfill"))) == [("brightness", 0, some), ("image-facts", 0, 4)]
    change(brightness, "pixels.mean()", "pixels.max()")
    assert runs(vasculum(*analyze, "--backfill", "image-facts")) == [("image-facts", 0, 4)]
    assert sorted(runs(vasculum(*analyze, "--backfill"))) == [("brightness", some, 0), ("image-facts", 0, 4)]
    again = vasculum(*analyze, "--backfill")
    assert sorted(runs(again)) == [("brightness", 0, some), ("image-facts", 0, 4)]
    assert all(one["statement"] is None for one in again.of("summary"))


def test_what_is_not_installed_any_more_is_told_and_the_rest_is_read(
    pictured: Node, brightness: Path, vasculum: Vasculum
) -> None:
    analyze = ("--node", pictured.layout.root, "analyze")
    assert vasculum(*analyze, "brightness").code == 0
    assert vasculum(*analyze, "image-facts").code == 0
    (brightness.parent / "brightness_analyzer-1.0.dist-info" / "entry_points.txt").unlink()
    find_analyzer.cache_clear()
    said = vasculum(*analyze, "--backfill")
    assert said.code == 0
    assert "cannot be read anew" in said.err
    assert "image-facts" in said.out
    assert vasculum(*analyze, "--backfill", "--filter", "country:BE").code == 2


@pytest.mark.slow
def test_whoever_runs_jobs_begins_by_a_back_fill_where_that_is_wanted(
    pictured: Node, vasculum: Vasculum
) -> None:
    root, path = pictured.layout.root, pictured.layout.config
    wanted = '[analysis]\nanalyzers = ["image-facts"]\nback_fill = true\n'
    path.write_text(f"{path.read_text('utf-8')}\n{wanted}", "utf-8")
    for analyzed in (4, 0):
        assert vasculum("--node", root, "jobs", "run", "--drain").code == 0
        job = JobStore(pictured.layout.jobs).listed(frozenset({State.DONE}), 10)[0]
        assert (job.kind, (job.result or {})["analyzed"]) == ("back-fill", analyzed)
    with open_node(pictured.layout).index() as index:
        assert len(list(index.rows("SELECT DISTINCT digest FROM analysis"))) == 4
