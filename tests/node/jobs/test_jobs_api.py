from __future__ import annotations

import contextlib
import io
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import feedparser
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serve, Serving


@dataclass(frozen=True)
class Served:
    """A served node, and clients with and without its token."""

    node: Node
    serving: Serving
    stranger: httpx.Client
    operator: httpx.Client

    def until(self, path: str, holds: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer is as it should be."""
        end = time.monotonic() + 60
        while not holds(answer := self.operator.get(path).json()):
            assert time.monotonic() < end, (answer, self.serving.said.read_text()[-3000:])
            time.sleep(0.1)
        return answer


@pytest.fixture(scope="module")
def served(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    root = tmp_path_factory.mktemp("jobs") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    with (root / "node.toml").open("a") as file:
        file.write("\n[serve]\nrequests_per_second = 0\n[jobs]\nwaiting_per_user = 3\nretry_seconds = 0.2\n")
    assert run(["--node", str(root), "--quiet", "watch", "add", "Everything", '{"and":[]}']) == 0
    serving = serve(root)
    node = open_node(Layout(root))
    token = {"authorization": f"Bearer {node.layout.jobs_token.read_text().strip()}"}
    stranger = httpx.Client(base_url=serving.url, timeout=20)
    return Served(node, serving, stranger, httpx.Client(base_url=serving.url, headers=token, timeout=20))


_REQUESTS = [
    ("GET", "/api/jobs"), ("GET", "/api/jobs/1"), ("POST", "/api/jobs"), ("POST", "/api/jobs/1/cancel"),
    ("POST", "/api/jobs/1/retry"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), _REQUESTS)
@pytest.mark.parametrize(
    "field",
    [None, "", "Bearer", "Bearer x", "Basic dXNlcjpwdw==", "Bearer \xff", "bearer " + "A" * 43],
)
def test_strangers_neither_see_nor_submit_jobs(
    served: Served, method: str, path: str, field: str | None
) -> None:
    fields = {} if field is None else {"authorization": field.encode("latin-1")}
    answer = served.stranger.request(method, path, headers=fields, content=b'{"kind":"sync"}')  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers
    assert set(answer.json()) == {"status", "title"}


def test_the_token_is_for_the_nodes_own_user_alone(served: Served) -> None:
    assert served.node.layout.jobs_token.stat().st_mode & 0o777 == 0o600
    assert len(served.node.layout.jobs_token.read_text().strip()) == 43


def test_a_job_is_submitted_run_beside_requests_and_shown(served: Served) -> None:
    answer = served.operator.post("/api/jobs", json={"kind": "verify", "parameters": {"deep": True}})
    assert answer.status_code == 201
    place = answer.headers["location"]
    ended = served.until(place, lambda job: job["state"] == "done")
    assert ended["result"]["faults"] == 0
    assert ended["kind"] == "verify"
    listed = served.operator.get("/api/jobs", params={"state": "done", "limit": "5"}).json()["jobs"]
    assert ended in listed


def test_the_same_key_is_the_same_job(served: Served) -> None:
    key = {"idempotency-key": "nightly-2026-11-23"}
    first = served.operator.post("/api/jobs", json={"kind": "sync"}, headers=key)
    second = served.operator.post("/api/jobs", json={"kind": "sync"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    served.until(first.headers["location"], lambda job: job["state"] == "done")


@pytest.mark.parametrize("keys", [["sch\u00f6n"], ["\U0001f33f"], [""], ["a b"], ["a" * 256], ["a", "a"]])
def test_a_key_that_is_none_is_refused_and_not_passed_over(served: Served, keys: list[str]) -> None:
    before = served.operator.get("/api/jobs").json()
    fields = [(b"idempotency-key", key.encode()) for key in keys]
    answer = served.operator.post("/api/jobs", json={"kind": "sync"}, headers=fields)
    assert answer.status_code == 400
    assert "A key is" in answer.json()["title"]
    assert served.operator.get("/api/jobs").json() == before


def test_a_user_has_so_many_jobs_and_no_more(served: Served) -> None:
    wish = {"kind": "verify", "user": "ada", "delay": 3600}
    told = [served.operator.post("/api/jobs", json=wish) for _ in range(4)]
    assert [answer.status_code for answer in told] == [201, 201, 201, 429]
    assert told[-1].headers["retry-after"] == "60"
    for answer in told[:3]:
        cancelled = served.operator.post(f"{answer.headers['location']}/cancel")
        assert cancelled.json()["state"] == "cancelled"
        assert served.operator.post(f"{answer.headers['location']}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON"),
        (b"[]", "object with a kind"),
        (b'{"kind":1}', "object with a kind"),
        (b'{"kind":"nonsense"}', "no kind of job"),
        (b'{"kind":"webhook"}', "cannot be submitted"),
        (b'{"kind":"sync","nonsense":1}', "no 'nonsense'"),
        (b'{"kind":"sync","parameters":[]}', "must be an object"),
        (b'{"kind":"sync","user":"node"}', "no name of a user"),
        (b'{"kind":"sync","user":7}', "must be a text"),
        (b'{"kind":"sync","attempts":0}', "from 1 to 64"),
        (b'{"kind":"sync","attempts":-1}', "not negative"),
        (b'{"kind":"track","parameters":{"source":"/etc/passwd"}}', "over HTTP"),
        (b'{"kind":"sync","parameters":{"a":"' + b"x" * 70_000 + b'"}}', "at most"),
    ],
)
def test_what_is_no_job_is_refused_in_words(served: Served, body: bytes, words: str) -> None:
    answer = served.operator.post("/api/jobs", content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["title"]


@given(
    body=st.binary(max_size=60) | st.text(max_size=40).map(str.encode), name=st.text(min_size=1, max_size=30)
)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_nonsense_is_answered_with_a_failure(served: Served, body: bytes, name: str) -> None:
    assert served.operator.post("/api/jobs", content=body).status_code == 400
    assert served.operator.get(f"/api/jobs/{quote(name, safe='')}").status_code in (200, 307, 404)


@pytest.mark.slow
def test_a_worker_that_is_killed_is_begun_again(served: Served) -> None:
    worker = _worker_of(served)
    os.kill(worker, signal.SIGKILL)
    answer = served.operator.post("/api/jobs", json={"kind": "sync"})
    served.until(answer.headers["location"], lambda job: job["state"] == "done")
    assert _worker_of(served) != worker


def _worker_of(served: Served) -> int:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if f"node.jobs.worker\0{served.node.layout.root}\0".encode() in path.read_bytes():
                return int(path.parent.name)
    raise AssertionError("no worker runs")


def test_a_feed_tells_of_what_is_added_while_the_node_is_served(served: Served, tmp_path: Path) -> None:
    [listed] = served.stranger.get("/feeds").json()["feeds"]
    assert (listed["title"], listed["filter"]) == ("Everything", '{"and":[]}')
    empty = served.stranger.get(listed["url"])
    assert empty.headers["content-type"] == "application/atom+xml"
    assert feedparser.parse(empty.content).entries == []
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(out, "PNG")
    (tmp_path / "new.png").write_bytes(out.getvalue())
    assert run(["--node", str(served.node.layout.root), "--quiet", "add", str(tmp_path / "new.png")]) == 0
    end = time.monotonic() + 60
    while len(feedparser.parse(served.stranger.get(listed["url"]).content).entries) < 1:
        assert time.monotonic() < end, served.serving.said.read_text()[-3000:]
        time.sleep(0.2)
    first, second = (served.stranger.get(listed["url"]) for _ in range(2))
    assert first.content == second.content
    [entry] = feedparser.parse(first.content).entries
    [image] = [link for link in entry.content[0].value.split('"') if link.startswith("/blob/")]
    assert served.stranger.get(image).content == out.getvalue()
    kept = served.stranger.get(listed["url"], headers={"if-none-match": first.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/feeds/watches/nothing.atom", "/feeds/watches/Everything", "/feeds/datasets/00.atom"]
)
def test_there_is_no_other_feed(served: Served, path: str) -> None:
    assert served.stranger.get(path).status_code == 404


@pytest.mark.slow
def test_a_server_that_only_reads_takes_no_jobs_and_runs_none(
    served: Served, serve: Serve, tmp_path: Path
) -> None:
    root = tmp_path / "node"
    create_node(Layout(root), "Quiet Herbarium", "quiet.test/log")
    Layout(root).jobs_token.write_text("x" * 43)
    quiet = serve(root, "--read-only")
    with httpx.Client(base_url=quiet.url, headers={"authorization": f"Bearer {'x' * 43}"}) as client:
        assert client.get("/api/jobs").json() == {"jobs": []}
        assert client.post("/api/jobs", json={"kind": "sync"}).status_code == 403
    assert quiet.stop() == 0
    assert not Layout(root).jobs.exists()
    assert not Layout(root).jobs_lock.exists()


def test_a_served_node_ends_with_all_its_processes(served: Served) -> None:
    worker = _worker_of(served)
    assert served.serving.stop() == 0
    assert not Path(f"/proc/{worker}").exists()
    with sqlite3.connect(served.node.layout.jobs) as db:
        assert db.execute("SELECT count(*) FROM job WHERE state = 'running'").fetchone() == (0,)
