from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from node.config import JobsConfig
from node.errors import JobError, JobRefused, JobStateError, NotFound, TooManyJobs
from node.jobs import rules
from node.jobs.model import Job, Progress, State
from node.jobs.store import JobStore
from node.jobs.submit import submit_job

_LIMITS = JobsConfig(waiting_per_user=2)


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / "jobs.sqlite")


def _submit(store: JobStore, user: str = "operator", key: str | None = None, **more: float) -> Job:
    return submit_job(store, _LIMITS, "verify", {"deep": True}, user=user, key=key, **more)  # type: ignore[arg-type]


def test_a_job_is_found_as_it_was_submitted(store: JobStore) -> None:
    job = _submit(store)
    assert (job.number, job.state, job.attempts) == (1, State.QUEUED, 3)
    assert job.parameters == {"deep": True}
    for text in ("1", job.id, job.id[:8], job.id.upper()):
        assert store.find(text) == job
    for text in ("2", job.id[:7], "", "x" * 36, "1" * 400, "٣"):
        with pytest.raises(NotFound):
            store.find(text)


def test_an_id_that_begins_with_digits_alone_is_found_by_them(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uuid.uuid4", lambda: UUID("31999423-0000-4000-8000-000000000000"))
    job = _submit(store)
    assert store.find("31999423") == job


def test_nobody_else_can_read_the_file(store: JobStore, tmp_path: Path) -> None:
    _submit(store)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("jobs.sqlite*")} == {0o600}


def test_the_same_key_is_the_same_job_whatever_became_of_it_and_for_each_user_another(
    store: JobStore,
) -> None:
    first = _submit(store, key="nightly")
    assert _submit(store, key="nightly") == first
    store.change(first.id, lambda job: rules.asked_to_stop(job, 1.0))
    assert _submit(store, key="nightly").state is State.CANCELLED
    assert _submit(store, "ada", key="nightly").id != first.id


def test_a_user_has_only_so_many_jobs_waiting_and_others_are_not_held_up(store: JobStore) -> None:
    ended = _submit(store)
    _submit(store)
    with pytest.raises(TooManyJobs, match="waiting_per_user"):
        _submit(store)
    assert _submit(store, "ada").number == 3
    store.change(ended.id, lambda job: rules.asked_to_stop(job, 1.0))
    assert _submit(store).number == 4


@pytest.mark.parametrize(
    ("kind", "parameters", "user", "words"),
    [
        ("nonsense", {}, "operator", "no kind of job"),
        ("watch", {}, "operator", "cannot be submitted"),
        ("verify", {"deep": "yes"}, "operator", "true or false"),
        ("verify", {"depth": 1}, "operator", "no parameter 'depth'"),
        ("track", {}, "operator", "needs 'source'"),
        ("track", {"source": ""}, "operator", "not empty"),
        ("track", {"source": "a\nb"}, "operator", "one line"),
        ("track", {"source": "here.csv"}, "operator", "from the root on"),
        ("track", {"source": "/a", "maxPerHost": 1000}, "operator", "from 1 to 256"),
        ("audit", {"whom": "a", "draws": 0}, "operator", "draws"),
        ("dataset-export", {"dataset": "a", "format": "coco", "place": "x"}, "operator", "root"),
        ("verify", {}, "node", "no name of a user"),
        ("verify", {}, "Ada", "no name of a user"),
    ],
)  # fmt: skip
def test_what_can_never_work_is_refused_in_words(
    store: JobStore, kind: str, parameters: dict[str, str], user: str, words: str
) -> None:
    with pytest.raises(JobRefused, match=words):
        submit_job(store, _LIMITS, kind, parameters, user=user)
    assert store.unended() == []


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("track", {"source": "/etc"}),
        ("track", {"source": "file:///etc"}),
        ("track", {"source": "http://a.test/x", "allowPrivate": True}),
        ("track", {"source": "http://a.test/x", "privateSource": True}),
        ("dataset-export", {"dataset": "a", "format": "coco", "place": "/tmp/x"}),
        ("dataset-export", {"dataset": "a", "format": "coco", "place": "file:///tmp/x"}),
        ("dataset-export", {"dataset": "a", "format": "coco", "place": " file:///tmp/x"}),
        ("dataset-export", {"dataset": "a", "format": "coco", "place": "/tmp/x://y"}),
        ("webhook", {"event": "a", "subscriber": "b"}),
    ],
)
def test_over_http_nothing_of_this_machine_can_be_named(
    store: JobStore, kind: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(JobRefused):
        submit_job(store, _LIMITS, kind, parameters, remote=True)


def test_over_http_the_source_itself_must_be_public(store: JobStore) -> None:
    asked = {"source": "http://127.0.0.1:9/x.zip"}
    assert submit_job(store, _LIMITS, "track", asked).parameters["privateSource"] is True
    assert submit_job(store, _LIMITS, "track", asked, remote=True).parameters["privateSource"] is False


def test_what_a_dead_run_still_says_changes_nothing(store: JobStore) -> None:
    job = _submit(store)
    first = store.change(job.id, lambda one: rules.begun(one, one.due))
    store.change(job.id, lambda one: rules.orphaned(one, one.due))
    second = store.change(job.id, lambda one: rules.begun(one, one.due))
    store.tell_progress(job.id, first.runs, Progress("late", 9, 9))
    store.change(job.id, lambda one: rules.done(one, {"by": "the first"}, 1.0), first.runs)
    assert store.find(job.id) == second
    ended = store.change(job.id, lambda one: rules.done(one, {"by": "the second"}, 1.0), second.runs)
    store.change(job.id, lambda one: replace(one, notes={"late": True}), second.runs)
    assert store.find(job.id) == ended


def test_old_jobs_are_forgotten_and_those_that_have_not_ended_never(store: JobStore) -> None:
    old, waiting = _submit(store), _submit(store)
    store.change(old.id, lambda job: rules.asked_to_stop(job, 100.0))
    assert store.forget(100.0) == 0
    assert store.forget(100.1) == 1
    assert [job.id for job in store.unended()] == [waiting.id]
    assert _submit(store).number == 3, "a number is never used again"


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"nonsense" * 1000)
    with pytest.raises(JobError, match="restore it from a backup"):
        JobStore(tmp_path / "jobs.sqlite").unended()


class JobsMachine(RuleBasedStateMachine):
    """The store and the rules against what has to be true of jobs, however workers die."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = JobStore(Path(self.folder.name) / "jobs.sqlite")
        self.limits = JobsConfig(at_once=2, running_per_user=1, waiting_per_user=4)
        self.now = 0.0
        self.alive: dict[str, int] = {}
        self.ended: dict[str, Job] = {}
        self.finished: Counter[str] = Counter()

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(user=st.sampled_from(["ada", "ben", "cyd"]), attempts=st.integers(1, 3))
    def submit(self, user: str, attempts: int) -> None:
        had = sum(job.user == user for job in self.store.unended())
        try:
            self.store.submit("sync", {}, user, self.now, attempts=attempts, most=4)
        except TooManyJobs:
            assert had == 4
        else:
            assert had < 4

    @rule()
    def begin(self) -> None:
        unended = self.store.unended()
        running = [job for job in unended if job.state is State.RUNNING]
        queued = [job for job in unended if job.state is State.QUEUED]
        for job in rules.next_jobs(queued, running, self.limits, self.now):
            begun = self.store.change(job.id, lambda one: rules.begun(one, self.now))
            assert job.id not in self.alive
            self.alive[job.id] = begun.runs

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), how=st.sampled_from(["done", "failed", "lasting", "waits"]))
    def end(self, data: st.DataObject, how: str) -> None:
        id = data.draw(st.sampled_from(sorted(self.alive)))
        deed = {
            "done": lambda job: rules.done(job, {}, self.now),
            "failed": lambda job: rules.failed(job, "no", self.now, 1.0, lasting=False),
            "lasting": lambda job: rules.failed(job, "never", self.now, 1.0, lasting=True),
            "waits": lambda job: rules.waiting(job, "busy", self.now, 1.0),
        }[how]
        after = self.store.change(id, deed, self.alive.pop(id))
        self.finished[id] += after.state is State.DONE

    @rule()
    def kill(self) -> None:
        for id, run in self.alive.items():
            self.store.change(id, lambda job: rules.orphaned(job, self.now), run)
        self.alive.clear()

    @rule(data=st.data())
    def cancel_or_retry(self, data: st.DataObject) -> None:
        jobs = self.store.listed(frozenset(State), 100)
        if not jobs:
            return
        job = data.draw(st.sampled_from(jobs))
        retried = job.state in (State.FAILED, State.CANCELLED)
        try:
            deed = rules.again(job, self.now, 2) if retried else rules.asked_to_stop(job, self.now)
        except JobStateError:
            assert job.state is State.DONE
            return
        self.store.change(job.id, lambda one: deed)
        self.ended.pop(job.id, None)

    @rule(seconds=st.floats(0.0, 10.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def holds(self) -> None:
        jobs = {job.id: job for job in self.store.listed(frozenset(State), 10_000)}
        running = {id for id, job in jobs.items() if job.state is State.RUNNING}
        assert running == set(self.alive), "what runs is what somebody runs"
        assert len(running) <= self.limits.at_once
        assert all(self.finished[id] == (job.state is State.DONE) for id, job in jobs.items())
        for job in jobs.values():
            assert job.failures <= job.attempts
            if job.state.ended:
                assert self.ended.setdefault(job.id, job) == job, "what has ended stays as it is"


TestJobsMachine = JobsMachine.TestCase
TestJobsMachine.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
