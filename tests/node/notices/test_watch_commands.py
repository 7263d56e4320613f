from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import Node
from node.jobs.child import run_job
from node.jobs.model import State
from node.jobs.news import News
from node.jobs.rules import begun
from node.jobs.store import JobStore

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum
    from tests.node.notices.conftest import AddImage

Watch = Callable[..., "Said"]


@pytest.fixture
def watch(fresh: Node, vasculum: Vasculum) -> Watch:
    def call(*arguments: object) -> Said:
        return vasculum("--node", fresh.layout.root, "--json", "watch", *arguments)

    return call


def test_a_watch_is_added_listed_shown_and_removed(watch: Watch, fresh: Node, add_image: AddImage) -> None:
    said = watch("add", "Oaks", "taxon:Quercus", "--webhook", "https://a.test/hook", "--mail", "ada@a.test")
    [added] = said.of("watch")
    assert added["filter"] == '{"eq":{"field":"taxon","value":"Quercus"}}'
    assert added["feed"] == f"/feeds/watches/{added['id']}.atom"
    hook, mail = said.of("subscriber")
    assert hook["secret"].startswith("whsec_")
    assert "secret" not in mail
    assert "secret" not in watch("tell", "Oaks", "--mail", "ben@a.test").summary
    [listed] = watch("ls").of("watch")
    assert [who["address"] for who in listed["told"]] == ["ada@a.test", "ben@a.test", "https://a.test/hook"]
    assert "whsec_" not in watch("ls").out, "a secret is told once"
    assert watch("show", "Oaks").summary == {"type": "summary", "listed": 0}
    assert watch("rm", "Oaks").summary["removed"] is True
    assert watch("ls").summary == {"type": "summary", "listed": 0}
    assert watch("show", "Oaks").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("Oaks",), 2, "either a filter or --dataset"),
        (("Oaks", "taxon:Quercus", "--dataset", "x"), 2, "either a filter or --dataset"),
        (("Oaks", "colour:red"), 2, "colour"),
        (("Oaks", "taxon:Quercus", "--webhook", "ftp://a"), 1, "no address of a webhook"),
        (("Oaks", "taxon:Quercus", "--mail", "ada"), 1, "no mail address"),
        (("Oaks", "@/nothing/there"), 2, "cannot be read"),
        (("Oaks", "--dataset", "nothing"), 1, "no dataset"),
    ],
)
def test_what_cannot_be_watched_leaves_nothing_behind(
    watch: Watch,
    fresh: Node,
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    said = watch("add", *arguments)
    assert said.code == code
    assert words in said.err
    assert watch("ls").summary["listed"] == 0


def test_a_filter_may_stand_in_a_file(watch: Watch, tmp_path: Path) -> None:
    (tmp_path / "oaks.txt").write_text("taxon:Quercus\n")
    assert watch("add", "Oaks", f"@{tmp_path / 'oaks.txt'}").code == 0


def test_a_log_that_has_grown_is_looked_at_once_and_only_if_something_is_watched(
    watch: Watch,
    fresh: Node,
    add_image: AddImage,
) -> None:
    jobs = JobStore(fresh.layout.jobs)
    news = News(fresh.layout, jobs)
    news.look()
    assert not fresh.layout.jobs.exists(), "nothing is watched"
    watch("add", "Everything", '{"and":[]}')
    for _ in range(3):
        news.look()
    [job] = jobs.unended()
    assert (job.kind, job.user) == ("watch", "node")
    add_image(fresh, 1)
    news.look()
    assert len(jobs.unended()) == 1, "the one that waits sees this, too"
    ended = run_job(fresh.layout, jobs, jobs.change(job.id, lambda one: begun(one, one.due)))
    assert (ended.state, (ended.result or {})["events"]) == (State.DONE, 1)
    news.look()
    assert jobs.unended() == []
    [event] = watch("show", "Everything").of("event")
    assert event["title"] == "Everything: 1 new image"
