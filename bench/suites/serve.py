"""Serving blobs: `GET /blob` over 16 connections, beside nginx with sendfile over the same files."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Corpus, corpus
from bench.harness import Bench, Line, Measured, Skipped, read_through, say
from bench.nodes import holding, served
from bench.peers.nginx import nginx
from bench.processes import cpu_seconds, peak_bytes

_CONNECTIONS = 16
_TARGET = 0.6
_LOAD = Path(__file__).parents[1] / "peers" / "load.lua"


@dataclass(frozen=True, slots=True)
class _Server:
    name: str
    url: str
    pid: int
    paths: Path


def run(bench: Bench) -> Iterator[Line]:
    """Large blobs, where bytes count, and small ones, where requests do."""
    if shutil.which("wrk") is None:
        say("  skipped: wrk is not installed (make deps-system)")
        return
    try:
        large = corpus(bench.work, 100 if bench.quick else 2_000, 1_200_000)
        yield _race(bench, large, None if bench.quick else _TARGET)
        small = corpus(bench.work, 2_000 if bench.quick else 20_000, 8_192)
        yield _race(bench, small, None)
    except Skipped as reason:
        say(f"  skipped: {reason}")


def _race(bench: Bench, files: Corpus, target: float | None) -> Line:
    source = holding(bench.work, files)
    blobs = source.node / "blobs"
    ours = _paths(bench.work / "paths.ours", [f"/blob/sha256/{name}" for name in source.digests])
    theirs = _paths(
        bench.work / "paths.nginx", [f"/{name[:2]}/{name[2:4]}/{name}" for name in source.digests]
    )
    with served(source.node, bench.work / "serve.log") as node, nginx(bench.work, blobs) as (url, pid):
        servers = [
            _Server("vasculum serve", node.url, node.pid, ours),
            _Server("nginx, sendfile", url, pid, theirs),
        ]
        mine, peer = _in_turns(bench, servers, files)
    what = f"GET {files.title}, {_CONNECTIONS} at a time"
    note = f"{files.count / peer.seconds:,.0f}/s by nginx; CPU time and memory are the servers'"
    return Line(what, mine, peer, files.count, files.bytes, target, note)


def _in_turns(bench: Bench, servers: Sequence[_Server], files: Corpus) -> list[Measured]:
    runs: dict[str, list[Measured]] = {server.name: [] for server in servers}
    for number in range(bench.rounds):
        for place in range(len(servers)):
            server = servers[(number + place) % len(servers)]
            read_through(files.folder)
            runs[server.name].append(_load(server, files, 2 if bench.quick else 10))
    return [min(of_one, key=lambda run: run.seconds) for of_one in runs.values()]


def _load(server: _Server, files: Corpus, seconds: int) -> Measured:
    """Load a server for some seconds; what it took for as many requests as the corpus has files."""
    before = cpu_seconds(server.pid)
    command = [
        "wrk",
        "--threads=1",
        f"--connections={_CONNECTIONS}",
        f"--duration={seconds}s",
        "--timeout=30s",
    ]
    command += ["--script", str(_LOAD), server.url, "--", str(server.paths)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    found = json.loads(said)
    if found["wrong"] or found["bytes"] < found["requests"] * files.size:
        raise RuntimeError(f"{server.name} did not answer all requests whole: {said}")
    rate = found["requests"] / found["seconds"]
    say(f"  {rate:8,.0f}/s  {found['bytes'] / found['seconds'] / 1e6:7,.0f} MB/s  {server.name}")
    share = files.count / found["requests"]
    cpu = (cpu_seconds(server.pid) - before) * share
    return Measured(server.name, found["seconds"] * share, cpu, peak_bytes(server.pid))


def _paths(file: Path, paths: Sequence[str]) -> Path:
    file.write_text("".join(f"{path}\n" for path in paths))
    return file
