"""Searching 5 million specimen records, beside a plain DuckDB table and SQL written by hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb

from bench.findings import EACH, with_findings
from bench.harness import Bench, Figure, Line, Measured, measure, say
from bench.plain import PlainTable
from bench.questions import QUESTIONS, Question
from bench.specimens import specimens
from manifests.filter import read_filter
from node.index import Index
from node.search.database import SearchDatabase
from node.search.facet import USUAL
from node.search.generation import make_generation
from node.search.run import Asked, search
from node.slices.gone import Extent
from node.slices.members import resolve_members

_FOUND = (
    "has:stamp",
    'ocr:"Crepin"',
    "sharpness<0.2",
    "by:label-text@1",
    "has:stamp AND confidence>=0.5 AND by:sheet-segments",
    "has:stamp AND NOT ocr:crepin AND year<1990",
    "NOT has:stamp",
    "finding(has:label AND confidence<0.1) OR country:AA",
)
_PAGE_SECONDS, _P95_SECONDS, _RATIO, _MEMORY = 1.0, 0.2, 1.3, 4 << 30


def run(bench: Bench) -> Iterator[Line | Figure]:
    """How long it takes to derive what is searched, and to answer."""
    rows = 200_000 if bench.quick else 5_000_000
    source = specimens(bench.work, rows) / "index.duckdb"
    built = bench.output()
    command: list[str | Path] = [sys.executable, "-m", "bench.search_build", source, built]
    took = measure("derive what is searched", command, {})
    made = built / "made.duckdb"
    yield Figure(f"search of {rows:,} records, made, rows a second", rows / took.seconds, "/s")
    yield Figure("  greatest memory", took.peak_bytes / (1 << 20), "MiB", most=_MEMORY / (1 << 20))
    yield Figure("  on disk, a record", made.stat().st_size / rows, "bytes")
    plain = PlainTable(source, bench.output())
    database = SearchDatabase(made)
    try:
        yield from _pages(database, plain, bench.rounds)
        yield from _filtered(database, plain, bench.rounds)
        yield from _found(bench, source)
    finally:
        database.close()
        plain.close()
        bench.clean()


def _found(bench: Bench, source: Path) -> Iterator[Figure]:
    """Questions about what was found in images, among so many records: searched, and resolved over rows."""
    images = 40_000 if bench.quick else 400_000
    folder = bench.output()
    index = with_findings(source, folder, images)
    with Index(index) as opened:
        rows = _best(lambda: _resolved(opened), bench.rounds)
    database = SearchDatabase(make_generation(folder, lambda what, steps: None))
    try:
        times = []
        for text in _FOUND:
            asked = Asked(read_filter(text), facets=USUAL)
            times.append(_best(lambda asked=asked: search(database, asked), bench.rounds))  # type: ignore[misc]
            say(f"  {times[-1] * 1e3:8.0f} ms, {search(database, asked).total:8,} records  {text}")
    finally:
        database.close()
    what = f"search: {len(_FOUND)} filters by {images * EACH:,} findings"
    yield Figure(f"{what}, 95th percentile", _percentile(times) * 1e3, "ms")
    yield Figure("  a slice by one of them, resolved over rows", rows * 1e3, "ms")


def _resolved(index: Index) -> None:
    resolve_members(index, read_filter("has:stamp AND confidence>=0.5"), (Extent(0, 1000),))


def _pages(database: SearchDatabase, plain: PlainTable, rounds: int) -> Iterator[Line | Figure]:
    """All records: the first page, and one that begins in the middle."""
    asked = Asked(facets=USUAL)
    ours = _best(lambda: search(database, asked), rounds)
    theirs = _best(lambda: plain.page(None), rounds)
    what = "search: page of 50 and five facets, all records"
    yield Figure(what, ours * 1e3, "ms", most=_PAGE_SECONDS * 1e3)
    yield _line(what, ours, theirs, 1)
    after = search(database, Asked(limit=1000, sort="date")).next
    later = _best(lambda: search(database, Asked(facets=USUAL, after=after, sort="-date")), rounds)
    yield Figure("  a later page, by date", later * 1e3, "ms", most=_PAGE_SECONDS * 1e3)


def _filtered(database: SearchDatabase, plain: PlainTable, rounds: int) -> Iterator[Line | Figure]:
    """Each question: the same number of records from both, and how long they took."""
    ours, theirs = [], []
    for question in QUESTIONS:
        _check(question, database, plain)
        asked = Asked(read_filter(question.text), facets=USUAL)
        ours.append(_best(lambda asked=asked: search(database, asked), rounds))  # type: ignore[misc]
        theirs.append(_best(lambda sql=question.sql: plain.page(sql), rounds))  # type: ignore[misc]
        say(f"  {ours[-1] * 1e3:8.0f} ms, plain {theirs[-1] * 1e3:8.0f} ms  {question.text}")
    what = f"search: {len(QUESTIONS)} filters, each with 50 hits and five facets"
    yield Figure(f"{what}, 95th percentile", _percentile(ours) * 1e3, "ms", most=_P95_SECONDS * 1e3)
    yield _line(what, sum(ours), sum(theirs), len(QUESTIONS))


def _check(question: Question, database: SearchDatabase, plain: PlainTable) -> None:
    found = search(database, Asked(read_filter(question.text), limit=0)).total
    if found != (expected := plain.count(question.sql)):
        raise RuntimeError(f"{question.text} finds {found} records, the plain table {expected}")


def _best(work: Callable[[], object], rounds: int) -> float:
    """The best of some rounds, in seconds; one goes before, as everywhere here."""
    work()
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def _percentile(times: Sequence[float]) -> float:
    return sorted(times)[max(0, -(-95 * len(times) // 100) - 1)]


def _line(what: str, ours: float, theirs: float, items: int) -> Line:
    version = duckdb.__version__
    mine = Measured("vasculum", ours, ours, 0)
    peer = Measured(f"DuckDB {version}, plain table", theirs, theirs, 0)
    return Line(what, mine, peer, items, 0, round(1 / _RATIO, 2), "both warm, in this process")
