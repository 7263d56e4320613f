"""A crawl by job that is killed when all of it stands in the log ends as the crawl ended."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hashstore.canonical import Json
from node.compose import Node
from node.create import create_node
from node.jobs import rules
from node.jobs.child import run_job
from node.jobs.model import Job, State
from node.jobs.store import JobStore
from node.layout import Layout
from node.track import finish as finishing
from node.track import run as tracking


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return create_node(Layout(tmp_path / "node"), "Job Bench", "jobs.test/log")


class _KilledError(BaseException):
    """What a kill is to the program: nothing of its own runs after it."""


def _begun(node: Node, source: str) -> Job:
    store = JobStore(node.layout.jobs)
    asked: dict[str, Json] = {"source": source, "images": True, "maxPerHost": None, "allowPrivate": False}
    job = store.submit("track", asked, "operator", time.time(), attempts=1)
    return store.change(job.id, lambda one: rules.begun(one, one.due))


def _killed(node: Node, source: str) -> Job:
    """A job that was killed on its way."""
    store, job = JobStore(node.layout.jobs), _begun(node, source)
    with pytest.raises(_KilledError):
        run_job(node.layout, store, job)
    return store.change(job.id, lambda one: rules.orphaned(one, time.time()), job.runs)


def _run_again(node: Node, job: Job) -> Job:
    store = JobStore(node.layout.jobs)
    return run_job(node.layout, store, store.change(job.id, lambda one: rules.begun(one, time.time())))


def _die(*arguments: object) -> None:
    raise _KilledError


@pytest.mark.parametrize(
    "where", [pytest.param("after the log", marks=pytest.mark.slow), "while it is signed"]
)
@pytest.mark.parametrize(
    ("made", "reason"),
    [("prose.txt", "prose.txt"), (None, "127.0.0.1")],
    ids=["nobody can read it", "nobody answers"],
)
def test_a_source_that_refuses_fails_its_job_whenever_that_is_killed(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str | None, reason: str, where: str
) -> None:
    source = "http://127.0.0.1:9/feed.xml"
    if made is not None:
        (tmp_path / made).write_bytes(b"\0Nothing that can be tracked.")
        source = str(tmp_path / made)
    with monkeypatch.context() as patched:
        if where == "after the log":
            patched.setattr(finishing, "_forget", _die)
        else:
            patched.setattr(tracking, "_end_refused", _die)
        job = _killed(node, source)
    ended = _run_again(node, job)
    assert ended.state is State.FAILED
    assert reason in (ended.error or "")
    with node.index() as index:
        assert len(index.rows("SELECT 1 FROM own_statement WHERE kind = 'Crawl'")) == 1


def test_a_crawl_without_all_its_images_is_told_to_be_partial_whenever_it_is_killed(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "list.csv"
    source.write_text("identifier,scientificName\nhttp://127.0.0.1:9/1.jpg,Rosa\n")
    with monkeypatch.context() as patched:
        patched.setattr(finishing, "_forget", _die)
        job = _killed(node, str(source))
    ended = _run_again(node, job)
    result = ended.result or {}
    assert (ended.state, result["resumed"], result["partial"]) == (State.DONE, True, True), ended.error
    assert isinstance(result["images"], dict)
    assert result["images"]["failed"] == 1
