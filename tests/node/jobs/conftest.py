"""Workers as processes of their own, with kinds of job that a package on their path brings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.compose import Node, open_node
from node.create import create_node
from node.jobs.model import Job, State
from node.jobs.store import JobStore
from node.layout import Layout

ROOT = Path(__file__).resolve().parents[3]
PLUGGED = Path(__file__).parent / "plugged"


@dataclass(frozen=True)
class Bench:
    """A node, its jobs, and a place for what they write."""

    node: Node
    folder: Path
    started: list[subprocess.Popen[bytes]]

    @property
    def store(self) -> JobStore:
        """The jobs."""
        return JobStore(self.node.layout.jobs)

    @property
    def ledger(self) -> Path:
        """Where jobs write what they did."""
        return self.folder / "ledger.txt"

    def vasculum(self, *arguments: object) -> dict[str, Any]:
        """Run the program as a process; gives the last line that it wrote."""
        done = subprocess.run(
            self._command("--json", *arguments), env=self._environment(), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        last: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
        return last

    def submit(self, kind: str, user: str = "operator", **parameters: object) -> Job:
        """Submit a job as another process would."""
        given = {"file": str(self.ledger), **parameters} if kind in ("ledger", "moody") else parameters
        return self.store.submit(kind, given, user, time.time(), attempts=3)  # type: ignore[arg-type]

    def work(self, *options: str) -> subprocess.Popen[bytes]:
        """Begin a worker."""
        with (self.folder / "worker.txt").open("ab") as words:
            process = subprocess.Popen(
                self._command("jobs", "run", *options),
                env=self._environment(), stdout=words, stderr=words, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def drain(self) -> None:
        """Work until nothing waits or runs."""
        process = self.work("--drain")
        assert process.wait(120) in (0, 3), (self.folder / "worker.txt").read_text()

    def until(self, holds: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for something to be true."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, (self.folder / "worker.txt").read_text()
            time.sleep(0.05)

    def state(self, job: Job) -> State:
        """Where a job stands."""
        return self.store.find(job.id).state

    def lines(self) -> list[str]:
        """What the jobs did."""
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def _command(self, *arguments: object) -> list[str]:
        root = str(self.node.layout.root)
        return [sys.executable, "-m", "node.cli", "--node", root, *map(str, arguments)]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(PLUGGED)])}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    create_node(Layout(tmp_path / "node"), "Test Herbarium", "herbarium.test/log")
    with (tmp_path / "node" / "node.toml").open("a") as file:
        file.write("\n[jobs]\nretry_seconds = 0.2\n")
    found = Bench(open_node(Layout(tmp_path / "node")), tmp_path, [])
    yield found
    for process in found.started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
