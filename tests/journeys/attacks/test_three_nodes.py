"""Three nodes as processes in network namespaces of their own; the wire is cut between them, and healed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from node.compose import open_node
from node.create import create_node
from node.index import log_digest
from node.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
_PORT = "8765"


@dataclass
class House:
    """One network namespace with one node in it."""

    name: str
    address: str
    root: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Where the others reach it."""
        return f"http://{self.address}:{_PORT}"

    def run(self, *arguments: object) -> list[dict[str, Any]]:
        """Run the program in this house; gives its JSON lines."""
        command = [
            "ip",
            "netns",
            "exec",
            self.name,
            sys.executable,
            "-m",
            "node.cli",
            "--node",
            str(self.root),
        ]
        said = subprocess.run([*command, "--json", *map(str, arguments)], capture_output=True, timeout=120)
        assert said.returncode in (0, 3), said.stderr.decode()
        return [json.loads(line) for line in said.stdout.splitlines()]

    def serve(self) -> None:
        """Begin to serve."""
        command = [
            "ip",
            "netns",
            "exec",
            self.name,
            sys.executable,
            "-m",
            "node.cli",
            "--node",
            str(self.root),
        ]
        self.process = subprocess.Popen(
            [*command, "serve", "--host", self.address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wire(self, state: str) -> None:
        """Cut the wire (`down`) or heal it (`up`)."""
        _ip("netns", "exec", self.name, "ip", "link", "set", "wire", state)

    def digest_of(self, origin: str | None) -> str:
        """The digest over the public rows that it holds of a log; None for its own."""
        with open_node(Layout(self.root)).index() as index:
            log = 0 if origin is None else index.log_number(origin)
            return log_digest(index, log, public=True).uri


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def houses(
    tmp_path: Path, skip_or_fail: Callable[[str], None], needs_program: Callable[[str], str]
) -> Iterator[list[House]]:
    needs_program("ip")
    tag = f"v{os.getpid() % 10_000}"
    probe = subprocess.run(["ip", "netns", "add", f"{tag}-probe"], capture_output=True)
    if probe.returncode != 0:
        skip_or_fail("making network namespaces needs root")
    _ip("netns", "del", f"{tag}-probe")
    made = [House(f"{tag}-{n}", f"10.77.0.{n}", tmp_path / name) for n, name in enumerate("abc", 1)]
    bridge = f"{tag}-b"
    try:
        _ip("netns", "add", bridge)
        _ip("-n", bridge, "link", "add", "bridge", "type", "bridge")
        _ip("-n", bridge, "link", "set", "bridge", "up")
        for house in made:
            _house(house, bridge)
        yield made
    finally:
        for house in made:
            if house.process is not None:
                house.process.send_signal(signal.SIGTERM)
                house.process.wait(40)
        for name in (bridge, *(house.name for house in made)):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def _house(house: House, bridge: str) -> None:
    end = f"to-{house.name}"
    _ip("netns", "add", house.name)
    _ip("-n", bridge, "link", "add", end, "type", "veth", "peer", "name", "wire", "netns", house.name)
    _ip("-n", bridge, "link", "set", end, "master", "bridge", "up")
    _ip("-n", house.name, "addr", "add", f"{house.address}/24", "dev", "wire")
    _ip("-n", house.name, "link", "set", "wire", "up")
    _ip("-n", house.name, "link", "set", "lo", "up")
    # Whoever is cut off is given up after 3 s, not after the 20 s that a node has patience.
    retries = "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries"
    _ip("netns", "exec", house.name, "sh", "-c", retries)
    create_node(Layout(house.root), house.name, f"{house.root.name}.test/log")


def _patiently(act: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while True:
        try:
            return act()
        except AssertionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def test_what_was_cut_off_comes_round_by_another_and_all_agree_once_it_is_healed(
    houses: list[House], tmp_path: Path
) -> None:
    a, b, c = houses
    for number, house in enumerate(houses):
        files = tmp_path / f"files{number}"
        files.mkdir()
        (files / "one.txt").write_text(f"first of {number}")
        house.run("add", files)
        house.serve()
    for house in houses:
        for other in houses:
            if other is not house:
                _patiently(lambda house=house, other=other: house.run("peer", "add", other.url))  # type: ignore[misc]
        house.run("sync")
    (tmp_path / "files0" / "two.txt").write_text("second of a")
    a.run("add", tmp_path / "files0")
    b.run("sync")
    a.wire("down")
    # C cannot reach A, and has A's news from B's mirror.
    troubled = [item for item in c.run("sync") if item["type"] == "log" and item["trouble"]]
    assert troubled
    # B's server tells of what B has synced once it has looked again.
    _patiently(lambda: _agreed(c, a))
    (tmp_path / "files1" / "two.txt").write_text("second of b")
    b.run("add", tmp_path / "files1")
    a.wire("up")
    for house in houses:
        logs = [item for item in _patiently(lambda house=house: _whole(house)) if item["type"] == "log"]  # type: ignore[misc]
        assert len(logs) == 2
        for other in houses:
            if other is not house:
                assert house.digest_of(f"{other.root.name}.test/log") == other.digest_of(None)


def _agreed(follower: House, followed: House) -> bool:
    follower.run("sync")
    assert follower.digest_of("a.test/log") == followed.digest_of(None)
    return True


def _whole(house: House) -> list[dict[str, Any]]:
    said = house.run("sync")
    assert said[-1]["partial"] == 0
    return said
