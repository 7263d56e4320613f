"""A network over images, by `vasculum analyze` and by a bare loop; and decoding at the needed size."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import simplejpeg

from bench import ours
from bench.corpus import Corpus
from bench.harness import Bench, Command, Contender, Figure, Line
from bench.images import images
from bench.nodes import Source, holding

_TARGET, _TWO = 0.85, 1.7
_NOTE = "ours checks each image's SHA-256, keeps each result, signs all; the loop keeps nothing"


def run(bench: Bench) -> Iterator[Line | Figure]:
    """The built-in embedding, with one worker beside the loop, and with two beside one."""
    files = images(bench.work, 100 if bench.quick else 1_000)
    source = holding(bench.work, files)
    one, two, loop = bench.race(
        [_analyze(source, files, 1), _analyze(source, files, 2), _loop(files)], files.folder
    )
    promised = None if bench.quick else _TARGET  # starting is all that takes time then
    yield Line(f"embed {files.title}", one, loop, files.count, files.bytes, promised, _NOTE)
    more = None if bench.quick else _TWO
    yield Line("  two workers beside one", two, one, files.count, files.bytes, more, "on two processors")
    data = next(files.folder.iterdir()).read_bytes()
    whole, small = (_best(lambda least=least: _decode(data, least)) for least in (0, 224))
    yield Figure("a JPEG of 8.6 megapixels, decoded whole", whole * 1e3, "ms")
    yield Figure(
        "  at the size needed for 224 pixels", small * 1e3, "ms", note=f"{whole / small:.1f} times as fast"
    )
    bench.clean()


def _analyze(source: Source, files: Corpus, workers: int) -> Contender:
    def command(output: Path) -> Command:
        return ours.node_analyze(output, "embedding", workers)

    return Contender(
        f"vasculum analyze, {workers} worker{'s' * (workers > 1)}",
        command,
        prepare=lambda output: _copy(source.node, output),
        check=lambda output: _check(output, files),
    )


def _copy(node: Path, output: Path) -> None:
    """A node that has analysed nothing; it shares the images' bytes with the first."""
    shutil.copytree(node, output, ignore=shutil.ignore_patterns("blobs"))
    shutil.copytree(node / "blobs", output / "blobs", copy_function=_linked)


def _linked(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _check(output: Path, files: Corpus) -> None:
    again = ours.node_json(output, "analyze", "embedding")
    if (again["before"], again["analyzed"]) != (files.count, 0):
        raise RuntimeError(f"not all of {files.title} was read: {json.dumps(again)}")


def _loop(files: Corpus) -> Contender:
    return Contender(
        "bare loop", lambda output: [sys.executable, "-m", "bench.plain_embedding", files.folder]
    )


def _decode(data: bytes, least: int) -> object:
    return simplejpeg.decode_jpeg(data, "RGB", False, False, least, least)


def _best(work: Callable[[], object], rounds: int = 5) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)
