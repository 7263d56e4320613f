"""What was made of images, on disk, below a quota: it can go at any time, and is made again.

Everything made of one image lies in one folder, `aa/<hex>/`. A small database knows how large each file is
and when it was used; what several processes note in it is put down together, now and then.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from node.errors import ImageCacheError, NodeError
from node.small_database import SmallDatabase

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS file_used ON file (used);
"""
_ADVICE: Final = "It lists what was made of images: remove the folder `iiif`, and all is made again."
_NOTE: Final = (
    "INSERT INTO file VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET used = excluded.used, "
    "size = CASE WHEN excluded.size >= 0 THEN excluded.size ELSE size END"
)
_OLDEST: Final = "SELECT path, size FROM file ORDER BY used, path LIMIT 1000"
_EVERY: Final = 10.0  # seconds between two tellings
_MOST: Final = 1000  # notes between two tellings
_KEPT: Final = 0.9  # of the quota, once it was exceeded
_UNKNOWN: Final = 0  # size of what was used and not made by whoever notes it
_LOG: Final = logging.getLogger("vasculum.iiif")


class ImageCache:
    """The cache as one process uses it."""

    def __init__(self, folder: Path, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Opens nothing yet.

        Args:
            folder: Where it lies.
            quota: Bytes that it may take.
            clock: Seconds, from any start, never going back.
        """
        self._folder = folder
        self._quota = quota
        self._clock = clock
        self._told = clock()
        self._notes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._ledger = SmallDatabase(folder / "ledger.sqlite", _SCHEMA, ImageCacheError, _ADVICE)

    def path(self, digest: Digest, name: str) -> Path:
        """Where a file made of an image lies, or would."""
        return self.folder_of(digest) / name

    def folder_of(self, digest: Digest) -> Path:
        """Where everything made of an image lies."""
        return self._folder / digest.hex[:2] / digest.hex

    def note(self, path: Path, size: int | None = None) -> threading.Thread | None:
        """Take down that a file was used, or made.

        Args:
            path: The file.
            size: Its bytes if it was made; None if it was there.

        Returns:
            The thread that puts the notes down, where it is time for that.
        """
        name = str(path.relative_to(self._folder))
        with self._lock:
            self._notes[name] = self._notes.get(name, -1) if size is None else size
            if len(self._notes) < _MOST and self._clock() - self._told < _EVERY:
                return None
            self._told = self._clock()
        thread = threading.Thread(target=self._tell, name="image-cache", daemon=True)
        thread.start()
        return thread

    def flush(self) -> None:
        """Put the notes down, and make room if there is too much."""
        with self._telling:
            with self._lock:
                notes, self._notes = self._notes, {}
            if not notes:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            now = time.time_ns()
            rows = [(path, self._size(path, size), now) for path, size in notes.items()]
            with self._ledger.transaction() as db:
                db.executemany(_NOTE, rows)
            self._make_room()

    def forget(self, digest: Digest) -> None:
        """Remove everything made of an image."""
        folder = self.folder_of(digest)
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            self._ledger.change("DELETE FROM file WHERE path GLOB ?", [f"{digest.hex[:2]}/{digest.hex}/*"])

    def digests(self) -> Iterator[Digest]:
        """The images of which anything was made."""
        for folder in sorted(self._folder.glob("??/*")):
            with suppress(MalformedDigest):
                yield Digest.parse(folder.name)

    def size(self) -> int:
        """Bytes that it takes, as far as they were put down."""
        return int(self._ledger.rows("SELECT coalesce(sum(size), 0) FROM file")[0][0])

    def take_stock(self) -> None:
        """Put down what lies there and is not known: of a process that was killed before it told."""
        known = {path for (path,) in self._ledger.rows("SELECT path FROM file")}
        for path in self._folder.glob("??/*/*"):
            name = str(path.relative_to(self._folder))
            if name.endswith(".partial"):
                if time.time() - path.stat().st_mtime > 24 * 3600:
                    path.unlink(missing_ok=True)
            elif name not in known:
                self._notes[name] = path.stat().st_size
        self.flush()

    def _tell(self) -> None:
        try:
            self.flush()
        except (NodeError, OSError) as error:
            _LOG.warning("The cache of images could not be tidied: %s", error)

    def _size(self, name: str, size: int) -> int:
        """A size that is not known yet is looked up: another process may not have put it down."""
        if size >= 0:
            return size
        return -1 if self._ledger.rows("SELECT 1 FROM file WHERE path = ?", [name]) else self._on_disk(name)

    def _on_disk(self, name: str) -> int:
        try:
            return (self._folder / name).stat().st_size
        except OSError:
            return _UNKNOWN

    def _make_room(self) -> None:
        total = self.size()
        if total <= self._quota:
            return
        while total > self._quota * _KEPT and (oldest := self._ledger.rows(_OLDEST)):
            gone = []
            for path, size in oldest:
                if total <= self._quota * _KEPT:
                    break
                (self._folder / path).unlink(missing_ok=True)
                with suppress(OSError):
                    (self._folder / path).parent.rmdir()
                gone.append((path,))
                total -= size
            with self._ledger.transaction() as db:
                db.executemany("DELETE FROM file WHERE path = ?", gone)
