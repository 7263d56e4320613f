"""`analyze` and `reproduce` as an operator meets them: signed once, visible whole, the same anywhere."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from analyzers.engine.cluster import NoCluster, cluster_executor
from analyzers.registry import find_analyzer
from hashstore.digest import Digest
from manifests.filter import And
from node.analysis.choose import images_of_filter
from node.analysis.plan import make_plan
from node.analysis.run import Told, analyse
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from provenance.statement import parse_statement
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.reproduction import read_reproduction

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum


def png(number: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64 + number, 48), 20.0 + number).save(file, "PNG")
    return file.getvalue()


def noise(folder: Path, count: int) -> Path:
    """A folder of so many pictures."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.png").write_bytes(png(number))
    return folder


@pytest.fixture
def pictured(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> Node:
    """A node with five pictures and one that is cut short."""
    folder = noise(tmp_path / "images", 5)
    (folder / "cut.png").write_bytes(png(9)[:900])
    assert vasculum("--quiet", "--node", fresh.layout.root, "add", folder).code == 0
    return fresh


def rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return list(index.rows(query))


def test_images_are_read_once_and_signed(pictured: Node, vasculum: Vasculum) -> None:
    root = pictured.layout.root
    said = vasculum("--json", "--node", root, "analyze", "image-facts")
    assert said.code == 0
    counts = {"images": 6, "before": 0, "analyzed": 6, "unreadable": 1, "failed": 0}
    assert {name: said.summary[name] for name in counts} == counts
    widths = rows(pictured, "SELECT value FROM finding WHERE kind = 'width' ORDER BY value")
    assert [row["value"] for row in widths] == ["64", "65", "66", "67", "68"]
    with pictured.store.open(Digest.parse(said.summary["statement"])) as stream:
        run = read_analysis_run(parse_statement(stream.read()))
    for named in (run.analyzer.identity, *run.analyzer.named, run.members):
        assert pictured.store.contains(named)
    again = vasculum("--json", "--node", root, "analyze", "image-facts")
    assert again.code == 0
    assert (again.summary["before"], again.summary["analyzed"], again.summary["statement"]) == (6, 0, None)
    assert vasculum("--node", root, "verify", "--deep").code == 0
    assert not list(pictured.layout.analysis.glob("*.sqlite*")), "what waited is gone once it is signed"


def test_a_filter_and_shards_choose_and_shards_share_all_out(pictured: Node, vasculum: Vasculum) -> None:
    root = pictured.layout.root
    analyze = ("--json", "--node", root, "analyze", "image-facts")
    assert vasculum(*analyze, "--filter", "country:BE").summary["images"] == 0
    parts = [vasculum(*analyze, "--shard", f"{number}/2") for number in (1, 2)]
    assert sum(part.summary["analyzed"] for part in parts) == 6
    assert len(rows(pictured, "SELECT DISTINCT digest FROM analysis")) == 6
    assert vasculum("--node", root, "analyze", "image-facts", "--shard", "3/2").code == 1


def test_what_cannot_be_run_is_told_in_one_line(pictured: Node, vasculum: Vasculum) -> None:
    root = pictured.layout.root
    for arguments, words in (
        (("no-such-analyzer",), "analyzer ls"),
        (("image-facts", "--set", "size=3"), "size"),
        (("image-facts", "--cluster", "tcp://127.0.0.1:1"), "does not answer"),
    ):
        said = vasculum("--node", root, "analyze", *arguments)
        assert said.code == 1
        assert words in said.err
        assert "Traceback" not in said.err
    assert vasculum("--node", root, "analyze", "image-facts", "--set", "size").code == 2


def test_a_missing_image_is_a_failure_that_the_next_run_tries_again(
    pictured: Node, vasculum: Vasculum
) -> None:
    root = pictured.layout.root
    digest = Digest.of(png_of(pictured, 0))
    path = pictured.store.path(digest)
    data = path.read_bytes()
    path.unlink()
    said = vasculum("--json", "--node", root, "analyze", "image-facts")
    assert said.code == 3
    assert [one["digest"] for one in said.of("failure")] == [digest.uri]
    path.write_bytes(data)
    again = vasculum("--json", "--node", root, "analyze", "image-facts")
    assert (again.code, again.summary["analyzed"]) == (0, 1)


def png_of(node: Node, place: int) -> bytes:
    found = rows(node, "SELECT DISTINCT digest FROM capture WHERE mediaType IS NULL ORDER BY digest")
    with node.store.open(Digest(found[place]["digest"])) as stream:
        return stream.read()


def test_a_run_is_made_again_and_attested(pictured: Node, vasculum: Vasculum) -> None:
    root = pictured.layout.root
    run = vasculum("--json", "--node", root, "analyze", "image-facts").summary["statement"]
    said = vasculum("--json", "--node", root, "reproduce", run, "--sign")
    assert (said.code, said.summary["outcome"], said.summary["items"]) == (0, "identical", {"identical": 6})
    with pictured.store.open(Digest.parse(said.summary["statement"])) as stream:
        attested = read_reproduction(parse_statement(stream.read()))
    assert (attested.run.uri, attested.identical) == (run, 6)
    segment = rows(pictured, "SELECT segment FROM leaf WHERE table_name = 'finding'")[0]["segment"]
    row = f"{Digest(segment).uri}#row=3"
    assert vasculum("--json", "--node", root, "reproduce", row).summary["items"] == {"identical": 1}
    crawl = Digest(rows(pictured, "SELECT digest FROM statement WHERE kind = 'Crawl'")[0]["digest"])
    assert vasculum("--node", root, "reproduce", crawl.uri).code == 1


def test_one_finding_is_made_again_by_its_name(pictured: Node, vasculum: Vasculum, brightness: Path) -> None:
    root = pictured.layout.root
    assert vasculum("--node", root, "analyze", "brightness").code == 0
    (found,) = rows(pictured, "SELECT key FROM finding ORDER BY digest LIMIT 1")
    name = f"{Digest(found['key']).uri}#1"
    said = vasculum("--json", "--node", root, "reproduce", name)
    assert (said.code, said.summary["items"]) == (0, {"identical": 1})
    brightness.write_text(
        brightness.read_text("utf-8").replace("[Finding(", "[Finding('brightness', value='1'), Finding("),
        "utf-8",
    )
    said = vasculum("--json", "--node", root, "reproduce", name, "--installed")
    assert said.code == 4
    assert said.of("item")[0]["differences"][0].startswith("finding 1 (brightness): value differs by ")
    assert len(said.of("item")[0]["differences"]) == 1, "the second is not asked for"
    assert vasculum("--node", root, "reproduce", name.replace("#1", "#7")).code == 1


@pytest.mark.slow
def test_all_that_stands_behind_a_slice_or_a_dataset_is_made_again_on_its_images(
    pictured: Node, vasculum: Vasculum, brightness: Path
) -> None:
    root = pictured.layout.root
    for arguments in (("image-facts", "--shard", "1/2"), ("image-facts", "--shard", "2/2"), ("brightness",)):
        assert vasculum("--node", root, "analyze", *arguments).code == 0
    assert vasculum("--node", root, "slice", "create", "all").code == 0
    wanted = ("--title", "Noise", "--license", "CC0-1.0", "--allow-unknown-licenses", "--creators", "Nobody")
    assert vasculum("--node", root, "dataset", "create", *wanted).code == 0
    version, chosen = (
        Digest(rows(pictured, f"SELECT digest FROM statement WHERE kind = '{kind}'")[0]["digest"]).uri
        for kind in ("DatasetVersion", "Slice")
    )
    said = vasculum("--json", "--node", root, "reproduce", version)
    assert (said.code, said.summary["runs"]) == (0, 3)
    assert (said.summary["outcome"], said.summary["items"]) == ("identical", {"identical": 12})
    assert len(said.of("run")) == 3
    next(brightness.parent.glob("*.dist-info/entry_points.txt")).unlink()
    find_analyzer.cache_clear()
    said = vasculum("--json", "--node", root, "reproduce", chosen, "--installed")
    assert (said.code, said.summary["outcome"], said.summary["items"]) == (3, "incomplete", {"identical": 6})
    assert [bool(one.get("trouble")) for one in said.of("run")].count(True) == 1


def test_a_run_whose_code_was_changed_is_found_out_item_by_item(
    pictured: Node, vasculum: Vasculum, brightness: Path
) -> None:
    root = pictured.layout.root
    run = vasculum("--json", "--node", root, "analyze", "brightness").summary["statement"]
    brightness.write_text(
        brightness.read_text("utf-8").replace("pixels.mean()", "pixels.mean() + 1"), "utf-8"
    )
    said = vasculum("--json", "--node", root, "reproduce", run, "--installed")
    assert (said.code, said.summary["outcome"]) == (4, "different")
    assert any(line.startswith("its code: ") for line in said.summary["surroundings"])
    told = [line for one in said.of("item") for line in one.get("differences", [])]
    assert len(told) == 5
    assert all("finding 1 (brightness): value differs by 1: " in line for line in told)


def test_what_differs_by_less_than_is_declared_is_within_tolerance(
    pictured: Node, vasculum: Vasculum, brightness: Path
) -> None:
    root = pictured.layout.root
    run = vasculum("--json", "--node", root, "analyze", "brightness").summary["statement"]
    brightness.write_text(
        brightness.read_text("utf-8").replace("pixels.mean()", "pixels.mean() + 0.01"), "utf-8"
    )
    said = vasculum("--json", "--node", root, "reproduce", run, "--installed")
    assert (said.code, said.summary["outcome"]) == (0, "within-tolerance")
    assert said.summary["items"] == {"identical": 1, "within-tolerance": 5}


@pytest.mark.slow
def test_another_node_with_an_empty_store_comes_to_the_same(
    pictured: Node, tmp_path: Path, vasculum: Vasculum, served: Served
) -> None:
    run = vasculum("--json", "--node", pictured.layout.root, "analyze", "image-facts").summary["statement"]
    other = create_node(Layout(tmp_path / "other"), "Other Herbarium", "other.test/log")
    with served(pictured.layout.root) as url:
        assert vasculum("--node", other.layout.root, "peer", "add", url).code == 0
        assert vasculum("--node", other.layout.root, "sync").code == 0
        said = vasculum("--json", "--node", other.layout.root, "reproduce", run, "--sign")
    assert (said.code, said.summary["outcome"], said.summary["items"]) == (0, "identical", {"identical": 6})
    again = vasculum("--json", "--node", other.layout.root, "analyze", "image-facts")
    assert (again.summary["before"], again.summary["analyzed"]) == (6, 0), "its peer has read them"


@pytest.mark.slow
def test_a_run_killed_again_and_again_loses_nothing_and_shows_nothing_early(
    fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    root = fresh.layout.root
    assert vasculum("--quiet", "--node", root, "add", noise(tmp_path / "many", 200)).code == 0
    for wait in (0.9, 1.4, 1.9):
        process = _begun(root)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        signed = rows(fresh, "SELECT count(*) AS n FROM statement WHERE kind = 'AnalysisRun'")[0]["n"]
        assert rows(fresh, "SELECT count(*) AS n FROM analysis")[0]["n"] == (200 if signed else 0)
    assert vasculum("--node", root, "analyze", "image-facts").code == 0
    found = rows(fresh, "SELECT digest, count(*) AS n FROM analysis GROUP BY digest")
    assert sorted(row["n"] for row in found) == [1] * 200
    assert vasculum("--node", root, "verify", "--deep").code == 0


@pytest.mark.slow
def test_a_run_whose_scheduler_is_gone_shows_nothing_and_goes_on_without(
    fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    from distributed import LocalCluster

    assert vasculum("--quiet", "--node", fresh.layout.root, "add", noise(tmp_path / "many", 200)).code == 0

    options: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    plan = make_plan(fresh, "image-facts", {})
    with fresh.index() as index:
        members = images_of_filter(fresh, index, And(()))
    came: list[int] = []
    with (
        LocalCluster(n_workers=1, **options) as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):

        def advance(count: int) -> None:
            came.append(count)
            cluster.close()

        with pytest.raises(NoCluster, match="What was read is kept"):
            analyse(fresh, plan, members, Told(int, advance, str), executor)
    assert rows(fresh, "SELECT count(*) AS n FROM analysis") == [{"n": 0}]
    after: list[int] = []
    done = analyse(fresh, plan, members, Told(after.append, int, str))
    assert (done.tally.analyzed, after) == (200, [200 - sum(came)]), "what was read is not read again"
    assert sum(came) > 0


def _begun(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "node.cli", "--node", str(root), "analyze", "image-facts"]
    return subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
