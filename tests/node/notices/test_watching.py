from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from manifests.errors import FilterRefused
from node.cli.main import run
from node.compose import Node
from node.errors import NotFound, NoticeError
from node.jobs.kinds.watch import KIND
from node.jobs.model import Job
from node.jobs.store import JobStore
from node.jobs.task import RunningTask
from node.notices.add import add_watch
from node.notices.feed import Feed, feed_bytes
from node.notices.feeds import watch_feed
from node.notices.model import Channel, Watch
from node.notices.store import NoticeStore, Seen
from node.notices.telling import notice_body, notice_of
from node.notices.times import event_time
from node.notices.watching import look
from node.serve.watch import refresh_served

if TYPE_CHECKING:
    from tests.node.notices.conftest import AddImage

_EVERYTHING = '{"and":[]}'


def _store(node: Node) -> NoticeStore:
    return NoticeStore(node.layout.notices)


def _look(node: Node, watch: Watch) -> int:
    return look(node, _store(node), [watch], datetime.now(UTC)).events


def test_what_is_there_is_no_news_and_what_comes_is_told_once(fresh: Node, add_image: AddImage) -> None:
    add_image(fresh, 1)
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    assert _look(fresh, watch) == 0
    new = {add_image(fresh, 2), add_image(fresh, 3)}
    assert _look(fresh, watch) == 1
    assert _look(fresh, watch) == 0
    [event] = _store(fresh).events(watch, 10)
    assert set(event.digests) == new
    assert (event.added, event.removed, event.title) == (2, 0, "Everything: 2 new images")
    assert event.state == {"herbarium.test/log": fresh.reader.head().size}


def test_the_time_of_news_is_that_of_the_log_and_a_second_look_comes_to_the_same(
    fresh: Node, add_image: AddImage
) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    before = _store(fresh).seen(watch)
    add_image(fresh, 1)
    with fresh.index() as index:
        [row] = index.rows("SELECT ended FROM own_statement WHERE kind = 'Crawl'")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    look(fresh, _store(fresh), [watch], tomorrow)
    [first] = _store(fresh).events(watch, 10)
    assert first.at == row["ended"][:19] + "Z"
    _store(fresh).remove(watch)
    _store(fresh).add(watch, before)
    look(fresh, _store(fresh), [watch], tomorrow + timedelta(days=1))
    assert _store(fresh).events(watch, 10) == [first]


def test_clocks_of_others_make_no_news_of_the_future_nor_of_before_the_last() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert event_time(datetime(9999, 1, 1, tzinfo=UTC), [], now) == "2026-11-23T08:00:00Z"
    assert (
        event_time(datetime(1999, 1, 1, tzinfo=UTC), ["2026-11-01T00:00:00Z"], now) == "2026-11-01T00:00:00Z"
    )
    assert event_time(None, [], now) == "2026-11-23T08:00:00Z"


@pytest.mark.slow
def test_entries_of_a_log_that_name_nothing_new_are_no_news(fresh: Node, add_image: AddImage) -> None:
    add_image(fresh, 1)
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    assert run(["--node", str(fresh.layout.root), "--quiet", "slice", "create", "all"]) == 0
    assert _look(fresh, watch) == 0
    assert _store(fresh).seen(watch).state == {"herbarium.test/log": fresh.reader.head().size}


def test_what_was_withdrawn_is_named_nowhere_any_more(fresh: Node, add_image: AddImage) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    gone, stays = add_image(fresh, 1), add_image(fresh, 2)
    _look(fresh, watch)
    who = _store(fresh).subscribe(watch, Channel.WEBHOOK, "https://a.test/", "whsec_AAAA")
    [event] = _store(fresh).events(watch, 1)
    told = ["withdraw", gone.uri, "--reason", "rights"]
    before = feed_bytes(watch_feed_now(fresh, watch)), notice_body(fresh, notice_of(fresh, event.id, who.id))
    assert all(gone.hex.encode() in data for data in before)
    assert run(["--node", str(fresh.layout.root), "--quiet", *told]) == 0
    after = feed_bytes(watch_feed_now(fresh, watch)), notice_body(fresh, notice_of(fresh, event.id, who.id))
    assert not any(gone.hex.encode() in data for data in after)
    assert all(stays.hex.encode() in data for data in after)


def watch_feed_now(node: Node, watch: Watch) -> Feed:
    refresh_served(node)
    return watch_feed(node, watch)


@pytest.mark.slow
def test_what_cannot_be_seen_is_news_on_the_day_on_which_it_can(fresh: Node, add_image: AddImage) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    hidden = add_image(fresh, 1)
    root = ["--node", str(fresh.layout.root), "--quiet"]
    assert run([*root, "withdraw", hidden.uri, "--reason", "rights"]) == 0
    assert _look(fresh, watch) == 0
    assert hidden.raw not in _store(fresh).seen(watch).known


def test_every_subscriber_gets_one_job_for_each_event_though_the_looking_job_is_killed_anywhere(
    fresh: Node, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    store, jobs = _store(fresh), JobStore(fresh.layout.jobs)
    for address in ("https://a.test/", "https://b.test/"):
        store.subscribe(watch, Channel.WEBHOOK, address, "whsec_AAAA")
    store.subscribe(watch, Channel.MAIL, "ada@a.test", "")
    add_image(fresh, 1)

    def killed(self: NoticeStore, event: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(NoticeStore, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            KIND.run(_task(fresh, jobs))
    assert KIND.run(_task(fresh, jobs)) == {"events": 0, "notices": 3, "trouble": {}}
    assert KIND.run(_task(fresh, jobs)) == {"events": 0, "notices": 0, "trouble": {}}
    told = jobs.unended()
    assert sorted(job.kind for job in told) == ["mail", "webhook", "webhook"]
    assert len({job.key for job in told}) == 3


def _task(node: Node, jobs: JobStore) -> RunningTask:
    job = Job("6f0c1c1e-0000-4000-8000-000000000001", 1, "watch", {}, "node", 0.0, 0.0, 3)
    return RunningTask(node.layout, jobs, job, lambda: 0.0)


def test_a_watch_that_is_removed_tells_nobody_any_more(fresh: Node, add_image: AddImage) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    who = _store(fresh).subscribe(watch, Channel.MAIL, "ada@a.test", "")
    add_image(fresh, 1)
    _look(fresh, watch)
    [event] = _store(fresh).events(watch, 1)
    _store(fresh).remove(watch)
    with pytest.raises(NotFound):
        notice_of(fresh, event.id, who.id)
    assert not _store(fresh).note(watch, Seen({}, b""), Seen({}, b""), [])


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "\x1b[31m"])
def test_a_name_is_text_on_one_line(fresh: Node, name: str) -> None:
    with pytest.raises(NoticeError, match="on one line"):
        add_watch(fresh, name, _EVERYTHING, None, feed=True)


def test_a_filter_is_checked_before_anything_is_kept(fresh: Node) -> None:
    with pytest.raises(FilterRefused):
        add_watch(fresh, "Oaks", '{"eq":{"field":"colour","value":"red"}}', None, feed=True)
    add_watch(fresh, "Oaks", _EVERYTHING, None, feed=True)
    with pytest.raises(NoticeError, match="already"):
        add_watch(fresh, "Oaks", _EVERYTHING, None, feed=True)


def test_what_a_webhook_is_told_is_canonical_json(fresh: Node, add_image: AddImage) -> None:
    watch = add_watch(fresh, "Everything", _EVERYTHING, None, feed=False)
    new = add_image(fresh, 1)
    _look(fresh, watch)
    [event] = _store(fresh).events(watch, 1)
    who = _store(fresh).subscribe(watch, Channel.WEBHOOK, "https://a.test/", "whsec_AAAA")
    body = notice_body(fresh, notice_of(fresh, event.id, who.id))
    data = json.loads(body)["data"]
    assert data["images"] == [new.uri]
    assert (data["node"], data["watch"], data["added"], data["feed"]) == (
        "herbarium.test/log",
        "Everything",
        1,
        None,
    )
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()


def test_a_watch_that_cannot_be_looked_at_keeps_no_other_from_its_news(
    fresh: Node, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = add_watch(fresh, "Everything", _EVERYTHING, None, feed=True)
    lost = replace(
        good, id="6f0c1c1e-0000-4000-8000-000000000009", name="Lost", filter=None, dataset="0" * 64
    )
    _store(fresh).add(lost, Seen({}, b""))
    add_image(fresh, 1)
    found = look(fresh, _store(fresh), _store(fresh).watches(), datetime.now(UTC))
    assert found.events == 1
    assert list(found.trouble) == ["Lost"]
