"""`pipeline run` as an operator meets it: each step once, the whole visible at once, the same anywhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from provenance.statement import parse_statement
from provenance.statement.kinds.pipeline_run import PipelineRun, read_pipeline_run

if TYPE_CHECKING:
    from tests.node.conftest import Said, Served, Vasculum

_COUNT = "SELECT count(*) AS n FROM {}"


def rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return list(index.rows(query))


def count(node: Node, table: str) -> int:
    return int(rows(node, _COUNT.format(table))[0]["n"])


def steps(said: Said) -> dict[str, tuple[int, int, int]]:
    return {one["step"]: (one["inputs"], one["before"], one["failed"]) for one in said.of("step")}


def statement(node: Node, said: Said) -> PipelineRun:
    with node.store.open(Digest.parse(said.summary["statement"])) as stream:
        return read_pipeline_run(parse_statement(stream.read()))


def test_each_step_is_read_once_and_all_is_signed_at_once(
    pictured: Node, pipeline: Path, vasculum: Vasculum
) -> None:
    run = ("--json", "--node", pictured.layout.root, "pipeline", "run", pipeline)
    before = pictured.reader.head().size
    said = vasculum(*run)
    assert said.code == 0, said.err
    assert steps(said) == {"halves": (4, 0, 0), "cut": (8, 0, 0), "facts": (6, 0, 0)}
    found = statement(pictured, said)
    assert found.plan == Digest.of(pipeline.read_bytes())
    assert [step.name for step in found.steps] == ["halves", "cut", "facts"]
    assert (found.count, found.tally.analyzed, found.tally.unreadable) == (4, 18, 2)
    for named in (
        found.plan,
        found.members,
        *found.generated,
        *(run for one in found.steps for run in one.runs),
    ):
        assert pictured.store.contains(named)
    # One run for each of the three analyzers, with two segments, and one for the whole.
    assert pictured.reader.head().size == before + 3 * 3 + 1
    made = rows(pictured, "SELECT * FROM finding WHERE kind = 'crop'")
    assert sorted({row["region"] for row in made})[:2] == ["xywh=pixel:0,0,32,48", "xywh=pixel:0,0,33,48"]
    looked = rows(pictured, "SELECT DISTINCT digest FROM finding WHERE kind = 'width' ORDER BY digest")
    assert [row["digest"] for row in looked] == sorted({row["derivative"] for row in made})
    assert not [path for path in pictured.layout.analysis.iterdir() if path.suffix != ".lock"]
    again = vasculum(*run)
    assert (again.code, again.summary["statement"]) == (0, None)
    assert steps(again) == {"halves": (4, 4, 0), "cut": (8, 8, 0), "facts": (6, 6, 0)}
    assert vasculum("--node", pictured.layout.root, "verify", "--deep").code == 0


def test_changing_a_step_runs_again_only_what_depends_on_it(
    pictured: Node, pipeline: Path, vasculum: Vasculum
) -> None:
    run = ("--json", "--node", pictured.layout.root, "pipeline", "run", pipeline)
    first = statement(pictured, vasculum(*run))
    said = vasculum(*run, "--set", "cut.margin=2")
    assert steps(said) == {"halves": (4, 4, 0), "cut": (8, 0, 0), "facts": (6, 0, 0)}
    other = statement(pictured, said)
    assert other.steps[0].runs == first.steps[0].runs, "it tells in which runs the earlier results stand"
    assert other.parameters == Digest.of(b'{"cut":{"margin":2}}')
    assert pictured.store.contains(other.parameters)
    pipeline.write_text(pipeline.read_text("utf-8").replace("[left, right]", "left"), encoding="utf-8")
    fewer = vasculum(*run)
    assert steps(fewer) == {"halves": (4, 4, 0), "cut": (4, 4, 0), "facts": (3, 3, 0)}
    assert statement(pictured, fewer).generated == (), "what is known is named, not made again"
    assert vasculum(*run, "--set", "cut=2").code == 2
    assert vasculum(*run, "--set", "cup.margin=2").code == 1


def test_what_fails_in_one_step_is_tried_again_and_holds_up_nothing_else(
    pictured: Node, pipeline: Path, halves: Path, vasculum: Vasculum
) -> None:
    text = halves.read_text("utf-8")
    halves.write_text(text.replace("width == 68", "width == 65"), encoding="utf-8")
    run = ("--json", "--node", pictured.layout.root, "pipeline", "run", pipeline)
    said = vasculum(*run)
    assert (said.code, steps(said)) == (3, {"halves": (4, 0, 1), "cut": (6, 0, 0), "facts": (4, 0, 0)})
    assert said.of("failure")[0]["reason"] == "failed"
    assert statement(pictured, said).tally.failed == 1
    again = vasculum(*run)
    assert (again.code, again.summary["statement"]) == (3, None)


def test_two_steps_of_one_analyzer_sign_one_run_and_read_nothing_twice(
    pictured: Node, pipeline: Path, vasculum: Vasculum
) -> None:
    more = "  whole: {run: image-facts@1}\n"
    pipeline.write_text(pipeline.read_text("utf-8") + more, encoding="utf-8")
    said = vasculum("--json", "--node", pictured.layout.root, "pipeline", "run", pipeline)
    assert said.code == 0, said.err
    found = {step.name: step.runs for step in statement(pictured, said).steps}
    assert found["whole"] == found["facts"] != found["cut"]
    assert count(pictured, "statement WHERE kind = 'AnalysisRun'") == 3
    (doubled,) = rows(pictured, "SELECT count(*) - count(DISTINCT key) AS n FROM analysis")
    assert doubled["n"] == 0


def test_check_tells_steps_and_faults_and_needs_no_node(
    pipeline: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    said = vasculum("--json", "pipeline", "check", pipeline)
    assert said.code == 0, said.err
    assert [one["step"] for one in said.of("step")] == ["halves", "cut", "facts"]
    assert said.summary["plan"] == Digest.of(pipeline.read_bytes()).uri
    pipeline.write_text(pipeline.read_text("utf-8").replace("kind: [left", "kind: [lift"), encoding="utf-8")
    wrong = vasculum("pipeline", "check", pipeline)
    assert wrong.code == 1
    assert "halves.yaml, line 12, step cut: halves (halves) says nothing of the kind 'lift'" in wrong.err


def test_a_crop_tells_where_it_came_from_and_an_image_what_was_made_of_it(
    pictured: Node, pipeline: Path, vasculum: Vasculum
) -> None:
    root = pictured.layout.root
    assert vasculum("--quiet", "--node", root, "pipeline", "run", pipeline).code == 0
    row = rows(pictured, "SELECT * FROM finding WHERE kind = 'crop' ORDER BY derivative")[0]
    crop, image = Digest(row["derivative"]), Digest(row["digest"])
    (made,) = vasculum("--json", "--node", root, "history", crop.uri).of("derivation")
    assert (made["wasDerivedFrom"], made["region"]) == (image.uri, row["region"])
    shown = vasculum("--json", "--node", root, "show", image.uri).items[0]
    assert crop.uri in [one["picture"] for one in shown["pictures"]]
    graph = vasculum("--node", root, "history", crop.uri, "--graph", "nquads").out
    derived = f"<{crop.uri}> <http://www.w3.org/ns/prov#wasDerivedFrom> <{image.uri}>"
    assert derived in graph


@pytest.mark.slow
def test_another_node_with_an_empty_store_reproduces_the_whole(
    pictured: Node, pipeline: Path, tmp_path: Path, vasculum: Vasculum, served: Served
) -> None:
    root = pictured.layout.root
    run = vasculum("--json", "--node", root, "pipeline", "run", pipeline).summary["statement"]
    other = create_node(Layout(tmp_path / "other"), "Other Herbarium", "other.test/log").layout.root
    with served(root) as url:
        assert vasculum("--node", other, "peer", "add", url).code == 0
        assert vasculum("--node", other, "sync").code == 0
        said = vasculum("--json", "--node", other, "reproduce", run, "--sign")
        plan = Digest.of(pipeline.read_bytes())
        assert vasculum("--node", other, "fetch", plan.uri).code == 0
    assert (said.code, said.summary["outcome"], said.summary["items"]) == (0, "identical", {"identical": 18})
    assert len(said.of("run")) == len(said.summary["statements"]) == 3
    again = vasculum("--json", "--node", other, "pipeline", "run", pipeline)
    assert steps(again) == {"halves": (4, 4, 0), "cut": (8, 8, 0), "facts": (6, 6, 0)}


@pytest.mark.slow
def test_a_pipeline_killed_again_and_again_loses_nothing_and_shows_nothing_early(
    fresh: Node, tmp_path: Path, pipeline: Path, halves: Path, vasculum: Vasculum
) -> None:
    import io

    from PIL import Image

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(150):
        file = io.BytesIO()
        Image.effect_noise((400 + number, 300), 20.0 + number).save(file, "PNG")
        (folder / f"{number}.png").write_bytes(file.getvalue())
    root = fresh.layout.root
    assert vasculum("--quiet", "--node", root, "add", folder).code == 0
    for wait in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0):
        process = _begun(root, pipeline, halves.parent)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        signed = count(fresh, "statement WHERE kind = 'PipelineRun'")
        assert count(fresh, "analysis") == (150 + 300 + 300 if signed else 0)
        assert count(fresh, "statement WHERE kind = 'AnalysisRun'") == (3 if signed else 0)
    said = vasculum("--node", root, "pipeline", "run", pipeline)
    assert said.code == 0, said.err
    assert count(fresh, "analysis") == 750
    assert count(fresh, "statement WHERE kind = 'PipelineRun'") == 1
    assert not [path for path in fresh.layout.analysis.iterdir() if path.suffix != ".lock"]
    assert vasculum("--node", root, "verify", "--deep").code == 0


def _begun(root: Path, pipeline: Path, site: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "node.cli", "--node", str(root), "pipeline", "run", str(pipeline)]
    path = os.pathsep.join([str(site), *filter(None, sys.path)])
    return subprocess.Popen(
        command,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
