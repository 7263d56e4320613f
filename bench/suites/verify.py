"""Hashing everything in a store and comparing it with its names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.corpus import Corpus, corpus
from bench.harness import Bench, Contender, Line, Skipped, say
from bench.peers import others


def run(bench: Bench) -> Iterator[Line]:
    """Large files, in a store that is warm, against bare hashlib on two threads and against coreutils."""
    files = corpus(bench.work, 200 if bench.quick else 3_000, 1_200_000)
    store = _store(bench, files)
    mine = Contender("verify a store", lambda out: ours.store_verify(store))
    peers = list(_peers(bench, store))
    measured = bench.race([mine, *(peer for peer, _ in peers)], store)
    for (_, target), peer in zip(peers, measured[1:], strict=True):
        what = f"verify, {files.title}"
        yield Line(
            what, measured[0], peer, files.count, files.bytes, target, "nothing compared by bare hashlib"
        )


def _store(bench: Bench, files: Corpus) -> Path:
    store = bench.work / f"store-{files.folder.name}"
    subprocess.run(ours.store_add(store, files.folder), check=True)
    return store


def _peers(bench: Bench, store: Path) -> Iterator[tuple[Contender, float]]:
    command: list[str | Path] = [sys.executable, "-m", "bench.peers.bare_verify", store]
    yield Contender("hashlib, 2 threads", lambda out: command), 0.85
    listing = bench.work / f"{store.name}.sha256"
    blobs = sorted(path for path in store.glob("??/??/*"))
    listing.write_text("".join(f"{path.name}  {path.relative_to(store)}\n" for path in blobs))
    try:
        yield others.sha256sum_check(store, listing), 4.0
    except Skipped as reason:
        say(f"  skipped: {reason}")
