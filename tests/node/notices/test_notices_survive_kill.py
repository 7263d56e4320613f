"""A subscriber hears of every event, under one name each time, though workers are killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks.webhooks import Webhook

from node.cli.main import run
from node.compose import Node
from node.jobs.model import State
from node.jobs.store import JobStore
from node.notices.add import add_watch
from node.notices.model import Channel
from node.notices.store import NoticeStore
from node.notices.webhook import new_secret

if TYPE_CHECKING:
    from tests.node.notices.conftest import AddImage


class _Receiver(BaseHTTPRequestHandler):
    calls: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        self.calls.append((dict(self.headers.items()), self.rfile.read(int(self.headers["content-length"]))))
        # Every third call fails at the first attempt, as servers do.
        self.send_response(503 if len(self.calls) % 3 == 0 else 204)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def calls() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    came: list[tuple[dict[str, str], bytes]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Receiver", (_Receiver,), {"calls": came}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", came
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_each_event_is_told_under_one_name_however_often_workers_are_killed(
    fresh: Node, add_image: AddImage, calls: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    with fresh.layout.config.open("a") as file:
        file.write("\n[webhooks]\nallow_private = true\n[jobs]\nretry_seconds = 0.2\n")
    url, came = calls
    watch = add_watch(fresh, "Everything", '{"and":[]}', None, feed=True)
    secret, chance = new_secret(), random.Random(20261123)
    NoticeStore(fresh.layout.notices).subscribe(watch, Channel.WEBHOOK, url, secret)
    for number in range(3):
        add_image(fresh, number)
        _work_for(fresh, 0.5 + 2.5 * chance.random())
    until = time.monotonic() + 120
    while not _all_told(fresh, 1):
        assert time.monotonic() < until, JobStore(fresh.layout.jobs).listed(frozenset(State), 50)
        _work_for(fresh, 4.0)
    events = NoticeStore(fresh.layout.notices).events(watch, 10)
    told = [Webhook(secret).verify(body, fields) for fields, body in came]
    assert {call["data"]["id"] for call in told} == {event.id for event in events}
    names = {(fields["webhook-id"], call["data"]["id"]) for (fields, _), call in zip(came, told, strict=True)}
    assert len(names) == len(events), "what comes twice has the same name"
    assert sum(event.added for event in events) == 3
    assert run(["--node", str(fresh.layout.root), "--quiet", "verify", "--deep"]) == 0


def _work_for(node: Node, seconds: float) -> None:
    command = [sys.executable, "-m", "node.cli", "--node", str(node.layout.root), "jobs", "run"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def _all_told(node: Node, least: int) -> bool:
    jobs = JobStore(node.layout.jobs).listed(frozenset(State), 100)
    calls = [job for job in jobs if job.kind == "webhook"]
    settled = len(calls) >= least and not NoticeStore(node.layout.notices).untold()
    return settled and all(job.state is State.DONE for job in jobs)
