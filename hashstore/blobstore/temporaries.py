"""The folder in which one process writes what is not yet a blob.

A process owns `tmp/session-<random>/` for as long as it holds the lock on the file `lock` in it. The kernel
lets go of the lock when the process dies, however it dies; so whoever gets the lock may sweep the folder.
Making and sweeping such folders happens under `tmp/lock`, or a folder could be swept between its making and
its locking.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import secrets
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from hashstore.blobstore import layout

SESSION: Final = "session-"
LOCK: Final = "lock"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class Session:
    """The temporaries of one process under one store."""

    def __init__(self, root: str) -> None:
        """Make and lock a folder of our own, and sweep those of the dead.

        Raises:
            OSError: If the store cannot be written.
        """
        parent = os.path.join(root, layout.TEMPORARY)
        os.makedirs(parent, exist_ok=True)
        self.folder = os.path.join(parent, f"{SESSION}{secrets.token_hex(8)}")
        self.pid = os.getpid()
        self._names = itertools.count(1)
        with _guard(parent):
            _sweep(parent)
            os.mkdir(self.folder)
            lock = os.open(os.path.join(self.folder, LOCK), _FLAGS, 0o644)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._finalizer = weakref.finalize(self, _leave, self.folder, lock, self.pid)

    def new_path(self) -> str:
        """A path that nobody has used."""
        return f"{self.folder}/{next(self._names)}"

    def close(self) -> None:
        """Remove our folder and let go of its lock. Happens by itself when the process ends."""
        self._finalizer()


def sweep(root: str) -> int:
    """Remove the temporaries of processes that have died.

    Returns:
        How many files there were.

    Raises:
        OSError: If the store cannot be written.
    """
    parent = os.path.join(root, layout.TEMPORARY)
    if not os.path.isdir(parent):
        return 0
    with _guard(parent):
        return _sweep(parent)


@contextmanager
def _guard(parent: str) -> Iterator[None]:
    handle = os.open(os.path.join(parent, LOCK), _FLAGS, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(parent: str) -> int:
    folders = [entry for entry in layout.entries(parent) if entry.name.startswith(SESSION)]
    return sum(_sweep_session(entry.path) for entry in folders if entry.is_dir(follow_symlinks=False))


def _sweep_session(folder: str) -> int:
    try:
        handle = os.open(os.path.join(folder, LOCK), _FLAGS, 0o644)
    except FileNotFoundError:
        return 0  # its process has just left, and tidied up itself
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # its process lives
    else:
        return _empty(folder)
    finally:
        os.close(handle)


def _empty(folder: str) -> int:
    """Remove a session's folder, its lock last, so that a sweep cut short can be taken up again."""
    files = [entry.path for entry in layout.entries(folder) if entry.name != LOCK]
    for path in files:
        os.unlink(path)
    with suppress(FileNotFoundError):  # its process may be leaving at this very moment, and do the same
        os.unlink(os.path.join(folder, LOCK))
        os.rmdir(folder)
    return len(files)


def _leave(folder: str, lock: int, pid: int) -> None:
    # A forked child inherits the finalizer, but the folder stays its parent's.
    if os.getpid() == pid:
        with suppress(OSError):
            _empty(folder)
    os.close(lock)
