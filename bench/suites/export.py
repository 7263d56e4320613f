"""Handing over a dataset, each image verified, beside tar of the same files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.corpus import Corpus
from bench.harness import Bench, Contender, Line
from bench.images import images
from bench.nodes import Source, holding
from bench.peers.others import tar_and_sync

_TARGET = 0.7
_NOTE = "ours checks each image's SHA-256 and names it; copies, no links; durable alike"
_TITLE = "Bench"
_SIZE = 1_200_000
_MANY = 10_000
_TIMES = 3  # the images, one output, and room to breathe
_MANIFEST = "vasculum-export.jsonl"


def run(bench: Bench) -> Iterator[Line]:
    """WebDataset and COCO, and the same files by tar."""
    files = images(bench.work, 100 if bench.quick else _count(bench), _SIZE, copies=_TIMES)
    source = holding(bench.work, files)
    _make_dataset(source)
    mine = [_export(source, files, form) for form in ("webdataset", "coco")]
    *measured, peer = bench.race([*mine, tar_and_sync(files)], files.folder, emptied=True)
    promised = None if bench.quick else _TARGET  # starting is all that takes time then
    for one in measured:
        yield Line(f"{one.name}, {files.title}", one, peer, files.count, files.bytes, promised, _NOTE)
    bench.clean()


def _count(bench: Bench) -> int:
    """10,000 images where the disk has room for them and what is written of them, else 2,500."""
    made = (bench.work / f"images-{_MANY}x{_SIZE}-20240117").is_dir()
    return _MANY if made or shutil.disk_usage(bench.work).free > _TIMES * _MANY * _SIZE else 2_500


def _make_dataset(source: Source) -> None:
    listed = ours.node_json(source.node, "dataset", "ls")
    if not listed.get("listed"):
        about = ("--title", _TITLE, "--creators", "Bench", "--license", "CC0-1.0", "--allow-unknown-licenses")
        ours.node_json(source.node, "dataset", "create", *about)


def _export(source: Source, files: Corpus, form: str) -> Contender:
    return Contender(
        f"export as {form}",
        lambda out: ours.node_export(source.node, _TITLE, form, out),
        check=lambda out: _check(out, form, files),
    )


def _check(output: Path, form: str, files: Corpus) -> None:
    """See that everything is there; that the bytes are right is what ours has proved before it wrote them."""
    entries = [json.loads(line) for line in (output / _MANIFEST).read_text().splitlines()]
    listed = [entry for entry in entries if entry["type"] == "File"]
    size = sum((output / entry["path"]).stat().st_size for entry in listed)
    members = sum(entry.get("member", False) for entry in listed)
    if size < files.bytes or (form == "coco" and members != files.count):
        raise RuntimeError(f"{output} does not hold all of {files.title}")
