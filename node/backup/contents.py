"""What of a node's folder belongs into a backup, and in which order it is read.

The default is to take a file: whatever a later version keeps beside the log will not be forgotten. What
stays out is listed here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from node.errors import NodeError
from provenance.errors import ProvenanceError
from provenance.log.checkpoint import parse_checkpoint_text
from provenance.log.files import LogFolder
from provenance.log.growth import is_uncommitted
from provenance.log.note import parse_note
from provenance.log.reader import CHECKPOINT

# Restoring a lock file could fork the log; the others say who is at work now.
_LOCKS: Final = ("*.lock", "*.lock.new", "*.guard")
# Derived from log, segments or journal; made anew when they are needed.
_DERIVED: Final = (
    "served.sqlite",
    "queue.sqlite",
    "*.duckdb",
    "*.duckdb.wal",
    "*.spill",
    "staging",
    "search",
    "iiif",
    ".verify-*",
)
# A witness that forgets what it cosigned could contradict itself: without its record, it is another witness.
_WITNESS: Final = ("witness.sqlite", "witness.pem")
# On their way; the databases that they belong to are copied by SQLite itself.
_PASSING: Final = ("*.new", "*.tmp", "*.partial", "*.sqlite-wal", "*.sqlite-shm", "*.sqlite-journal", "tmp")
# Kept by the backup in another way, or made by a restore.
_OTHERWISE: Final = ("blobs", "restore.json")
_LEFT_OUT: Final = (*_LOCKS, *_WITNESS, *_DERIVED, *_PASSING, *_OTHERWISE)


def belongs(path: str) -> bool:
    """Whether a path within a node's folder (with `/`) is part of a backup."""
    return not any(fnmatchcase(part, pattern) for part in path.split("/") for pattern in _LEFT_OUT)


def contents(root: Path) -> Iterator[tuple[str, bytes | None]]:
    """The paths that belong to a backup, in the order in which they must be read.

    A checkpoint comes with its bytes, for which its tiles were chosen: a moment later it may be another.

    The own log comes first, its checkpoint before its tiles, and no tile that the checkpoint does not cover.
    Then the databases and whatever else there is: a crawl leaves the journal only when it stands in the log.
    Followed logs come last, since a mirror grows before the database says so. Blobs are listed after all of
    these: a node makes blobs durable before anything names them.
    """
    mirrors = [folder for folder in _mirrors(root) if (root / folder).is_dir()]
    yield from _log(root, "log")
    for path in _walk(root, ""):
        if not any(path.startswith(f"{folder}/") for folder in ("log", *mirrors)):
            yield path, None
    for folder in mirrors:
        yield from _log(root, folder)


def _mirrors(root: Path) -> list[str]:
    folder = root / "mirror"
    return sorted(f"mirror/{entry.name}" for entry in folder.iterdir()) if folder.is_dir() else []


def _log(root: Path, folder: str) -> Iterator[tuple[str, bytes | None]]:
    data = LogFolder(root / folder).read(CHECKPOINT)
    if data is None:
        return
    yield f"{folder}/{CHECKPOINT}", data
    try:
        size = parse_checkpoint_text(parse_note(data).text).head.size
    except ProvenanceError as error:
        raise NodeError(
            f"{root / folder / CHECKPOINT} is damaged, so nothing is backed up: {error}"
        ) from error
    for path in _walk(root, folder):
        if path != f"{folder}/{CHECKPOINT}" and not is_uncommitted(path.removeprefix(f"{folder}/"), size):
            yield path, None


def _walk(root: Path, below: str) -> Iterator[str]:
    """The regular files below a folder, in order; a link to a file counts as one, a link to a folder too."""
    with os.scandir(root / below) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        if not belongs(path):
            continue
        if entry.is_dir(follow_symlinks=not below):
            yield from _walk(root, path)
        elif entry.is_file():  # no socket of a server, and no link that leads nowhere
            yield path
