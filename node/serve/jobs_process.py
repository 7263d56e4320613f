"""The process that runs jobs, beside a server: begun with it, begun again when it dies, ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

_LOG = logging.getLogger("vasculum.serve")
_LOOK = 0.5  # seconds between two looks whether it lives
_AGAIN = 2.0  # seconds before one that died is begun again
_LAST_WAIT = 10.0  # seconds that the end of the server waits for it


class JobsProcess:
    """`node.jobs.worker` as a child of this process, watched by a thread."""

    def __init__(self, root: Path) -> None:
        """Starts nothing yet.

        Args:
            root: The node's folder.
        """
        self._root = root
        self._stop = threading.Event()
        # The kernel ends a child when the thread that began it ends: one thread begins them all.
        self._thread = threading.Thread(target=self._watch, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the process; what it was running goes on when there is one again."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(2 * _LAST_WAIT)

    def _watch(self) -> None:
        while not self._stop.is_set():
            process = self._begin()
            while process.poll() is None and not self._stop.wait(_LOOK):
                pass
            if self._stop.is_set():
                _end(process)
                return
            _LOG.warning("the process that runs jobs ended (%s); it is begun again", process.returncode)
            self._stop.wait(_AGAIN)

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "node.jobs.worker", str(self._root), str(os.getpid())]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_WAIT)
    if process.poll() is None:
        process.kill()
        process.wait()
