from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser
import pytest

from node.compose import Node, open_node
from node.datasets.known import find_dataset, members_of_dataset
from node.jobs import rules
from node.jobs.child import run_job
from node.jobs.kinds import kind_of
from node.jobs.model import Job, State
from node.jobs.store import JobStore
from node.jobs.task import RunningTask
from node.layout import Layout
from node.notices.feed import feed_bytes
from node.notices.feeds import dataset_feeds
from node.notices.store import NoticeStore

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture
def alder(tracked_once: tuple[Path, dict[str, str]], tmp_path: Path) -> Node:
    """The institution that tracked the museum in both its versions."""
    shutil.copytree(tracked_once[0], tmp_path / "alder")
    return open_node(Layout(tmp_path / "alder"))


@pytest.fixture
def made(alder: Node, vasculum: Vasculum) -> dict[str, Any]:
    """A dataset of everything that it has."""
    root = alder.layout.root
    said = vasculum(
        "--node", root, "--json", "dataset", "create", "--title", "All", "--license", "CC-BY-NC-4.0"
    )
    assert said.code == 0, said.err
    return said.summary


def _begun(node: Node, kind: str, **parameters: object) -> Job:
    store = JobStore(node.layout.jobs)
    job = store.submit(kind, parameters, "operator", time.time(), attempts=3)  # type: ignore[arg-type]
    return store.change(job.id, lambda one: rules.begun(one, one.due))


def _killed_and_begun_again(node: Node, job: Job) -> Job:
    """Run a job whose process is killed when all is done, and nobody was told; then begin it once more."""
    store = JobStore(node.layout.jobs)
    kind_of(job.kind).run(RunningTask(node.layout, store, job, time.monotonic))
    store.change(job.id, lambda one: rules.orphaned(one, time.time()), job.runs)
    return store.change(job.id, lambda one: rules.begun(one, time.time()))


def _withdraw_one(node: Node, vasculum: Vasculum) -> None:
    with node.index() as index:
        [row] = index.rows(
            "SELECT lower(hex(digest)) AS hex FROM own_capture "
            "WHERE role = 'image' AND digest IS NOT NULL LIMIT 1"
        )
    assert vasculum("--node", node.layout.root, "withdraw", row["hex"], "--reason", "rights").code == 0


@pytest.mark.slow
def test_a_refresh_that_was_killed_after_it_signed_makes_no_second_version(
    alder: Node, made: dict[str, Any], vasculum: Vasculum
) -> None:
    store = JobStore(alder.layout.jobs)
    same = run_job(alder.layout, store, _begun(alder, "dataset-refresh", dataset="All"))
    assert (same.state, (same.result or {})["new"], (same.result or {})["version"]) == (State.DONE, False, 1)
    _withdraw_one(alder, vasculum)
    again = _killed_and_begun_again(alder, _begun(alder, "dataset-refresh", dataset="All"))
    ended = run_job(alder.layout, store, again)
    assert ((ended.result or {})["new"], (ended.result or {})["version"]) == (True, 2)
    with alder.index() as index:
        versions = index.rows("SELECT 1 FROM own_statement WHERE kind = 'DatasetVersion'")
    assert len(versions) == 2


@pytest.mark.slow
def test_an_export_that_was_killed_after_it_was_shown_is_done(
    alder: Node, made: dict[str, Any], tmp_path: Path
) -> None:
    asked = {"dataset": "All", "format": "bagit", "place": str(tmp_path / "out"), "leaveOut": True}
    again = _killed_and_begun_again(alder, _begun(alder, "dataset-export", **asked))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert len(before) > 10
    ended = run_job(alder.layout, JobStore(alder.layout.jobs), again)
    assert (ended.state, ended.result) == (State.DONE, {"place": asked["place"], "resumed": True})
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_a_place_that_is_taken_by_somebody_else_is_a_failure_that_stays(
    alder: Node, made: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    asked = {"dataset": "All", "format": "bagit", "place": str(tmp_path / "out"), "leaveOut": True}
    ended = run_job(alder.layout, JobStore(alder.layout.jobs), _begun(alder, "dataset-export", **asked))
    assert ended.state is State.FAILED
    assert "there already" in (ended.error or "")


def test_an_export_that_lacks_members_says_which_and_why(
    alder: Node, made: dict[str, Any], tmp_path: Path
) -> None:
    with alder.index() as index:
        members = list(members_of_dataset(alder, find_dataset(alder, index, "All")))
    for member in members[:2]:
        alder.store.remove(member.digest)
    asked = {"dataset": "All", "format": "bagit", "place": str(tmp_path / "out"), "leaveOut": False}
    ended = run_job(alder.layout, JobStore(alder.layout.jobs), _begun(alder, "dataset-export", **asked))
    assert ended.state is State.FAILED
    assert all(f"{member.digest} is not here" in (ended.error or "") for member in members[:2])
    assert not (tmp_path / "out").exists()


def test_a_dataset_has_a_feed_of_its_published_versions_and_can_be_watched(
    alder: Node, made: dict[str, Any], vasculum: Vasculum
) -> None:
    root = ["--node", alder.layout.root, "--json"]
    assert vasculum(*root, "watch", "add", "All of it", "--dataset", "All", "--no-feed").code == 0
    assert dataset_feeds(alder) == {}, "what is not published is in no feed"
    assert vasculum(*root, "dataset", "publish", "All").code == 0
    looked = run_job(alder.layout, JobStore(alder.layout.jobs), _begun(alder, "watch"))
    assert (looked.result or {})["events"] == 1
    [event] = NoticeStore(alder.layout.notices).events(NoticeStore(alder.layout.notices).watches()[0], 10)
    assert event.title.startswith("All, version 1: ")
    [(path, feed)] = dataset_feeds(alder).items()
    assert event.statement is not None
    assert path == f"/feeds/datasets/{event.statement.hex}.atom"
    [entry] = feedparser.parse(feed_bytes(feed)).entries
    assert entry.id == event.statement.uri
    assert feed_bytes(feed) == feed_bytes(dataset_feeds(alder)[path])
