"""The Explore page over the herbaria of a portal: how long it takes, how much it weighs."""

from __future__ import annotations

import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin

from bench import ours
from bench.harness import Bench, Figure, Line, Skipped, say
from bench.nodes import make_node, served
from bench.processes import cpu_seconds, wait_until

# Others' archives, beside the project; absent elsewhere.
_ARCHIVES = Path(__file__).parents[3] / "shared" / "data" / "dwca" / "bio-guoda+preston-sernec" / "data"
_ZIP = b"PK\x03\x04"
# Each answered with 50 records, five facets, a map and decades.
_QUESTIONS = (
    "",
    "?q=quercus",
    "?q=creek+road",
    "?q=family:Fagaceae+AND+year%3E1900",
    "?family=Asteraceae",
    "?country=US&sort=date",
    "?decade=1960s&sort=-date",
    "?box=-95,30,-80,40",
    "?family=Poaceae&family=Cyperaceae&decade=1970s",
    "?q=locality~swamp&sort=collection",
)
_LOADED = re.compile(r'(?:<link rel="(?:stylesheet|icon)"[^>]* href|<script src)="([^"]+)"')
_PICTURE = re.compile(r"^image/")
_P95_MILLISECONDS, _WEIGHT_KILOBYTES, _HITS = 150, 300, 50


def run(bench: Bench) -> Iterator[Line | Figure]:
    """Pages asked for one after the other, as readers do; then all that the heaviest of them loads."""
    try:
        node, records = _herbaria(bench)
    except Skipped as reason:
        say(f"  skipped: {reason}")
        return
    with served(node, bench.work / "explore.log") as server:
        base = f"{server.url}/explore"
        wait_until(lambda: _ready(base), "what is searched is made")
        pages, times = [_page(base + question) for question in _QUESTIONS], []
        before = cpu_seconds(server.pid)
        for question in _QUESTIONS:
            taken = sorted(_timed(base + question) for _ in range(2 if bench.quick else 20))
            say(f"  {taken[len(taken) // 2] * 1e3:8.0f} ms  /explore{question}")
            times += taken
        each = (cpu_seconds(server.pid) - before) / len(times) * 1e3
        what = f"Explore of {records:,} records, {_HITS} a page, five facets, map and decades"
        value = sorted(times)[-(-95 * len(times) // 100) - 1] * 1e3
        note = f"{each:.0f} ms of CPU each"
        yield Figure(f"{what}, 95 of 100 come within", value, "ms", most=_P95_MILLISECONDS, note=note)
        heaviest = max(pages, key=len)
        weight = len(heaviest.encode()) + sum(_weights(base, heaviest))
        note = f"the page itself {len(heaviest.encode()) / 1e3:.0f} kB; nothing compressed"
        yield Figure("  all that it loads but images", weight / 1e3, "kB", most=_WEIGHT_KILOBYTES, note=note)


def _page(url: str) -> str:
    page, _ = _get(url)
    if page.count('class="card"') != _HITS:
        raise RuntimeError(f"{url} gives another page than one of {_HITS} records")
    return page


def _weights(base: str, page: str) -> Iterator[int]:
    """The bytes of each file that a page asks for, pictures left out."""
    for address in dict.fromkeys(_LOADED.findall(page)):
        text, media_type = _get(urljoin(base, address))
        if not _PICTURE.match(media_type):
            yield len(text.encode())


def _ready(url: str) -> bool:
    """After it was started a server first derives what is searched; until then it answers 503."""
    try:
        _get(url)
    except HTTPError:
        return False
    return True


def _timed(url: str) -> float:
    begun = time.perf_counter()
    _get(url)
    return time.perf_counter() - begun


def _get(url: str) -> tuple[str, str]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode(), str(answer.headers["content-type"])


def _herbaria(bench: Bench) -> tuple[Path, int]:
    """A node that tracked every archive there is, without images; made once, then found again."""
    folder, ready = bench.work / "node-of-herbaria", bench.work / "node-of-herbaria" / "tracked"
    if not _ARCHIVES.is_dir():
        raise Skipped(f"the archives are not at {_ARCHIVES}")
    if not ready.exists():
        say("making a node that tracked the portal's herbaria ...")
        shutil.rmtree(folder, ignore_errors=True)
        make_node(folder)
        for path in sorted(path for path in _ARCHIVES.rglob("*") if path.is_file()):
            if path.read_bytes()[:4] == _ZIP:
                archive = folder / f"{path.name[:16]}.zip"
                shutil.copyfile(path, archive)
                ours.node_json(folder, "track", "--no-images", archive, fine=(0, 3))
        ready.touch()
    return folder, int(ours.node_json(folder, "status")["rows"]["specimen"])
