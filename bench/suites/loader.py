"""Feeding a model from a node, each image verified, beside reading the same files from a folder."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

from bench import ours
from bench.corpus import Corpus
from bench.harness import Bench, Command, Contender, Line, say
from bench.images import images
from bench.nodes import holding, served
from bench.processes import cpu_seconds

_TARGET = 0.9
_NOTE = (
    "two workers decode to 224 x 224; ours verified, the folder's files not; the server takes part of the CPU"
)
_TITLE = "Bench"


def run(bench: Bench) -> Iterator[Line]:
    """The stream of PyTorch from a node, beside a DataLoader over a folder."""
    if importlib.util.find_spec("torch") is None:
        say("  skipped: loader (torch is not installed)")
        return
    files = images(bench.work, 100 if bench.quick else 1_000)
    source = holding(bench.work, files)
    about = ("--title", _TITLE, "--creators", "Bench", "--license", "CC0-1.0", "--allow-unknown-licenses")
    if not ours.node_json(source.node, "dataset", "ls").get("listed"):
        ours.node_json(source.node, "dataset", "create", *about)
    digest = ours.node_json(source.node, "dataset", "show", _TITLE)["dataset"]
    with served(source.node, bench.work / "serve.log") as node:
        mine = Contender(
            "stream from a node",
            lambda out: _load("node", node.url, digest),
            beside=lambda: cpu_seconds(node.pid),
        )
        blobs = Contender(
            "stream from a node's blobs",
            lambda out: _load("blobs", str(source.node / "blobs"), node.url, digest),
        )
        *measured, peer = bench.race([mine, blobs, _folder(files)], files.folder)
    promised = None if bench.quick else _TARGET
    for one in measured:
        yield Line(f"{one.name}, {files.title}", one, peer, files.count, files.bytes, promised, _NOTE)
    bench.clean()


def _folder(files: Corpus) -> Contender:
    return Contender("files of a folder", lambda out: _load("folder", str(files.folder)))


def _load(*arguments: str) -> Command:
    return [sys.executable, "-m", "bench.loading", *arguments]
