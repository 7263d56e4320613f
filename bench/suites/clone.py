"""Bringing blobs from one node to another over loopback, each hashed and durable when the command returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from bench import ours
from bench.corpus import Corpus, check_landed, corpus
from bench.harness import Bench, Contender, Line, Skipped, say
from bench.nodes import Served, Source, holding, make_node, served
from bench.peers import copying, swarms
from bench.processes import cpu_seconds

_NOTE = "ours names, hashes and syncs each; CPU time includes the server's"
_LARGE = 0.6
_SMALL = 1 / 3
_FASTER = 1.0  # than those who check what they bring

_Maker = Callable[[Path, Corpus], AbstractContextManager[Contender]]
_CHECKERS: tuple[_Maker, ...] = (
    copying.rclone,
    copying.git_annex,
    swarms.syncthing,
    swarms.libtorrent,
    swarms.iroh,
    swarms.kubo,
)


def run(bench: Bench) -> Iterator[Line]:
    """Large and many small blobs beside an rsync daemon, and the large ones beside others too."""
    large = corpus(bench.work, 100 if bench.quick else 2_000, 1_200_000)
    yield from _race(bench, large, [(copying.rsync, _LARGE), *((maker, _FASTER) for maker in _CHECKERS)])
    small = corpus(bench.work, 2_000 if bench.quick else 20_000, 8_192)
    yield from _race(bench, small, [(copying.rsync, _SMALL)])


def _race(bench: Bench, files: Corpus, makers: list[tuple[_Maker, float]]) -> Iterator[Line]:
    source = holding(bench.work, files)
    with ExitStack() as servers:
        node = servers.enter_context(served(source.node, bench.work / "serve.log"))
        mine = _clone(source, node)
        peers: list[tuple[Contender, float]] = []
        for maker, target in makers:
            try:
                peers.append((servers.enter_context(maker(bench.work, files)), target))
            except Skipped as reason:
                say(f"  skipped: {reason}")
        measured = bench.race([mine, *(peer for peer, _ in peers)], files.folder)
    for (_, target), peer in zip(peers, measured[1:], strict=True):
        promised = None if bench.quick else target  # starting is all that takes time then
        yield Line(f"clone {files.title}", measured[0], peer, files.count, files.bytes, promised, _NOTE)
    bench.clean()


def _clone(source: Source, node: Served) -> Contender:
    return Contender(
        "vasculum clone",
        lambda out: ours.node_clone(out, source.statement, node.url),
        prepare=make_node,
        check=lambda out: check_landed(out / "blobs", source.digests),
        beside=lambda: cpu_seconds(node.pid),
    )
