"""Nodes that others are measured against or that others ask: made once, kept in the work folder, served."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench import ours
from bench.corpus import Corpus, digest_of
from bench.harness import say
from bench.processes import answers, free_port, running

# What one address may ask for is limited by default; here one address stands for everybody.
_NO_LIMIT = "\n[serve]\nrequests_per_second = 0\n"


@dataclass(frozen=True, slots=True)
class Source:
    """A node that holds a corpus.

    Attributes:
        node: Its folder.
        statement: The statement that names every file, as `hash://sha256/<hex>`.
        digests: Of the corpus' files, in hex, in the order of their names.
    """

    node: Path
    statement: str
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """A node that answers.

    Attributes:
        url: Its base URL.
        pid: Its process.
    """

    url: str
    pid: int


def holding(work: Path, files: Corpus) -> Source:
    """A node to which the corpus was added; made once, then found again."""
    folder = work / f"node-of-{files.folder.name}"
    note = folder / "bench.json"
    if not note.exists():
        say(f"making a node that holds {files.title} ...")
        shutil.rmtree(folder, ignore_errors=True)
        make_node(folder)
        _share(folder, files)
        statement = ours.node_json(folder, "add", files.folder)["statement"]
        note.write_text(json.dumps({"statement": statement}))
    return Source(folder, json.loads(note.read_text())["statement"], digests_of(files))


def make_node(folder: Path) -> None:
    """A fresh node that answers as often as it is asked."""
    ours.node_init(folder)
    with (folder / "node.toml").open("a") as settings:
        settings.write(_NO_LIMIT)


@contextmanager
def served(node: Path, log: Path) -> Iterator[Served]:
    """Serve a node on loopback while the block runs."""
    port = free_port()
    with running(ours.node_serve(node, port), lambda: answers(port), log) as pid:
        yield Served(f"http://127.0.0.1:{port}", pid)


@cache
def digests_of(files: Corpus) -> tuple[str, ...]:
    """The digest of each file, in hex, in the order of their names."""
    return tuple(digest_of(path) for path in sorted(files.folder.iterdir()))


def _share(node: Path, files: Corpus) -> None:
    """Let blobs be hard links to the corpus: all read the very same pages, and the disk holds them once.

    Done before they are added: a node keeps a blob that is there.
    """
    for path, name in zip(sorted(files.folder.iterdir()), digests_of(files), strict=True):
        blob = node / "blobs" / name[:2] / name[2:4] / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, blob)
