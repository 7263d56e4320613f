"""Parts of a 100-megapixel image over 16 connections, beside pyvips alone that cuts the same ones."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import ours
from bench.corpus import digest_of
from bench.harness import Bench, Figure, Line, Measured, Skipped, measure, say
from bench.nodes import make_node, served
from bench.processes import cpu_seconds, peak_bytes

_CONNECTIONS = 16
_SIDE = 512
_WIDTH, _HEIGHT = 11_548, 8_660
_REGIONS = 4_000  # more than are asked for while it is measured, so that none is found in the cache
_LOAD = Path(__file__).parents[1] / "peers" / "load.lua"
# Ours to pyvips alone, as a ratio of times: at most 1.5.
_TARGET = 1 / 1.5
_FLAT = 1.1


@dataclass(frozen=True, slots=True)
class _Loaded:
    requests: int
    seconds: float
    bytes: int
    p95: float
    cpu: float


def run(bench: Bench) -> Iterator[Line | Figure]:
    """Parts that are made, parts that were made before, and memory over many requests."""
    if shutil.which("wrk") is None:
        say("  skipped: wrk is not installed (make deps-system)")
        return
    try:
        node, digest = _node(bench)
        with served(node, bench.work / "iiif.log") as server:
            base = f"/iiif/3/{digest}"
            urllib.request.urlopen(
                f"{server.url}{base}/0,0,512,512/512,512/0/default.jpg", timeout=300
            ).read()
            yield from _race(bench, node, server.url, server.pid, base)
            yield from _memory(bench, server.url, server.pid, base)
    except Skipped as reason:
        say(f"  skipped: {reason}")


def _race(bench: Bench, node: Path, url: str, pid: int, base: str) -> Iterator[Line | Figure]:
    seconds = 2 if bench.quick else 10
    regions = _regions(_REGIONS)
    paths = _written(
        bench.work / "iiif.paths", [f"{base}/{region}/512,512/0/default.jpg" for region in regions]
    )
    fresh = _load(url, pid, paths, seconds)
    if fresh.requests > _REGIONS:
        raise Skipped("this machine makes more parts than there are names for")
    (pyramid,) = node.glob("iiif/*/*/*/pyramid.tif")
    listed = _written(bench.work / "iiif.regions", regions)
    command = [sys.executable, "-m", "bench.peers.raw_tiles", pyramid, listed, str(fresh.requests)]
    raw = measure("pyvips alone, two processes", command, {})
    made = Measured("vasculum serve", fresh.seconds, fresh.cpu, peak_bytes(pid))
    what = f"parts of {_SIDE} x {_SIDE} of {_WIDTH * _HEIGHT / 1e6:.0f} megapixels, each made anew"
    yield Line(what, made, raw, fresh.requests, fresh.bytes, None if bench.quick else _TARGET)
    warm = _load(url, pid, _tiles(bench, url, base), seconds)
    note = f"{warm.requests / warm.seconds:,.0f}/s; {warm.cpu / warm.requests * 1e3:.2f} ms of CPU each"
    yield Figure(
        "95 of 100 tiles that were made before come within", warm.p95 * 1e3, "ms", most=25, note=note
    )
    note = f"{fresh.requests / fresh.seconds:,.0f}/s; {fresh.cpu / fresh.requests * 1e3:.2f} ms of CPU each"
    yield Figure("95 of 100 parts that are made anew come within", fresh.p95 * 1e3, "ms", note=note)


def _memory(bench: Bench, url: str, pid: int, base: str) -> Iterator[Figure]:
    """Of the largest process: after a tenth of the requests, and after all."""
    wanted = 2_000 if bench.quick else 50_000
    tiles = _tiles(bench, url, base)
    asked, early = 0, 0
    while asked < wanted:
        asked += _load(url, pid, tiles, 2).requests
        early = early or (peak_bytes(pid) if asked >= wanted // 10 else 0)
    late = peak_bytes(pid)
    note = f"{early / 2**20:.0f} MiB, then {late / 2**20:.0f} MiB"
    what = f"memory after {asked:,} tiles, beside a tenth of them"
    yield Figure(what, late / early, "times", most=_FLAT, note=note)


def _node(bench: Bench) -> tuple[Path, str]:
    folder = bench.work / "node-of-100-megapixels"
    picture = bench.work / "100-megapixels" / "picture.jpg"
    if not picture.exists():
        picture.parent.mkdir(exist_ok=True)
        _draw(picture)
    if not (folder / "node.toml").exists():
        make_node(folder)
        ours.node_json(folder, "add", picture.parent)
    shutil.rmtree(folder / "iiif", ignore_errors=True)  # what was made in an earlier run
    return folder, digest_of(picture)


def _draw(path: Path) -> None:
    """Large smooth forms under fine noise, as a photograph of a sheet has them."""
    import pyvips

    noise = pyvips.Image.gaussnoise(_WIDTH, _HEIGHT, sigma=6, seed=7)
    planes = [
        (pyvips.Image.perlin(_WIDTH, _HEIGHT, cell_size=cell, uchar=True, seed=7) + noise).cast("uchar")
        for cell in (64, 200, 90)
    ]
    picture = planes[0].bandjoin(planes[1:]).copy(interpretation="srgb")
    fresh = path.with_suffix(".partial")
    picture.jpegsave(str(fresh), Q=85)
    fresh.replace(path)


def _regions(count: int) -> list[str]:
    chance = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        x, y = chance.randrange(_WIDTH - _SIDE), chance.randrange(_HEIGHT - _SIDE)
        found[f"{x},{y},{_SIDE},{_SIDE}"] = None
    return list(found)


def _tiles(bench: Bench, url: str, base: str) -> Path:
    """The tiles of full size that a viewer asks for, each made once."""
    paths = [
        f"{base}/{x},{y},{_SIDE},{_SIDE}/{_SIDE},{_SIDE}/0/default.jpg"
        for x in range(0, _WIDTH - _SIDE, _SIDE)
        for y in range(0, _HEIGHT - _SIDE, _SIDE)
    ]
    for path in paths:
        urllib.request.urlopen(url + path, timeout=60).read()
    return _written(bench.work / "iiif.tiles", paths)


def _load(url: str, pid: int, paths: Path, seconds: int) -> _Loaded:
    before = cpu_seconds(pid)
    options = ["--threads=1", f"--connections={_CONNECTIONS}", f"--duration={seconds}s", "--timeout=30s"]
    command = ["wrk", *options, "--script", str(_LOAD), url, "--", str(paths)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    found = json.loads(said)
    if found["wrong"]:
        raise RuntimeError(f"the server did not answer all requests: {said}")
    cpu = cpu_seconds(pid) - before
    rate, each = found["requests"] / found["seconds"], cpu / found["requests"] * 1e3
    say(f"  {rate:8,.0f}/s  {each:.2f} ms of CPU each")
    return _Loaded(found["requests"], found["seconds"], found["bytes"], found["p95"], cpu)


def _written(file: Path, lines: Sequence[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines))
    return file
