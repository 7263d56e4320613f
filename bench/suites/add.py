"""Adding files, every blob durable when the command returns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from bench import ours
from bench.corpus import Corpus, check_landed, corpus, digest_of
from bench.harness import Bench, Contender, Line, Measured, Skipped, say
from bench.peers import others

_SAME = "durable alike; same bytes checked"


def run(bench: Bench) -> Iterator[Line]:
    """Large files against cp, git-annex and Kubo; small ones against the bare loop."""
    large = corpus(bench.work, 100 if bench.quick else 3_000, 1_200_000)
    yield from _race(bench, large, [(others.copy_and_sync(large), 0.8), *_programs(bench, large)])
    bench.clean()
    small = corpus(bench.work, 2_000 if bench.quick else 50_000, 8_192)
    yield from _race(bench, small, [(_bare_loop(small), 0.8)])
    bench.clean()


def _race(bench: Bench, files: Corpus, peers: list[tuple[Contender, float]]) -> Iterator[Line]:
    mine = list(_ours(files))
    measured = bench.race([*mine, *(peer for peer, _ in peers)], files.folder)
    for one in measured[: len(mine)]:
        for (_, target), peer in zip(peers, measured[len(mine) :], strict=True):
            yield _line(files, one, peer, target)


def _line(files: Corpus, one: Measured, peer: Measured, target: float) -> Line:
    return Line(f"{one.name}, {files.title}", one, peer, files.count, files.bytes, target, _SAME)


def _ours(files: Corpus) -> Iterator[Contender]:
    names = _names(files)
    yield Contender(
        "add to a store",
        lambda out: ours.store_add(out, files.folder),
        check=lambda out: check_landed(out, names),
    )
    if not ours.has_command("add"):
        say("  skipped: vasculum add (the program does not have it yet)")
        return
    yield Contender(
        "vasculum add",
        lambda out: ours.node_add(out, files.folder),
        prepare=ours.node_init,
        check=lambda out: check_landed(out / "blobs", names),
    )


def _bare_loop(files: Corpus) -> Contender:
    command: list[str | Path] = [sys.executable, "-m", "bench.peers.bare_add", files.folder]
    names = _names(files)
    return Contender("bare loop", lambda out: [*command, out], check=lambda out: check_landed(out, names))


def _programs(bench: Bench, files: Corpus) -> Iterator[tuple[Contender, float]]:
    makers: tuple[Callable[[Path, Corpus], Contender], ...] = (others.git_annex_add, others.kubo_add)
    for make in makers:
        try:
            yield make(bench.work, files), 1.0
        except Skipped as reason:
            say(f"  skipped: {reason}")


@cache
def _names(files: Corpus) -> tuple[str, ...]:
    return tuple(digest_of(path) for path in sorted(files.folder.iterdir()))
