"""One process writes at a time: log, journal and index belong to the holder of this lock."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from node.errors import NodeBusy, NodeError


@contextmanager
def writer_lock(
    path: Path, patience: float = 600.0, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold the writer lock for as long as the block runs; the kernel frees it if we die.

    Args:
        path: The lock file; made if absent.
        patience: Seconds to wait for another process.
        on_wait: Called once if there is a wait.

    Raises:
        NodeBusy: another process still holds it after `patience` seconds.
        NodeError: this user may not write to the node.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise NodeError(f"The node at {path.parent} cannot be written: {error.strerror}.") from error
    try:
        _acquire(descriptor, path, patience, on_wait)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float, on_wait: Callable[[], None] | None) -> None:
    until = time.monotonic() + patience
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise NodeBusy(
                    f"Another vasculum process is writing to {path.parent} and did not end within "
                    f"{patience:.0f} s. Wait for it, then try again."
                ) from None
            if on_wait is not None and not told:
                on_wait()
                told = True
            time.sleep(0.05)
        else:
            return
