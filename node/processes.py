"""What the processes of a served node have in common: how they log, and that none outlives its parent."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

_PR_SET_PDEATHSIG = 1


class JsonLines(logging.Formatter):
    """One JSON object a line, for machines that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; what was given as `fields` stands beside the message."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr() -> None:
    """Let everything that is logged go to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def end_with_parent(parent: int | None = None, by: signal.Signals = signal.SIGTERM) -> None:
    """Let the kernel end this process when the one that watches over it is killed: nobody else would.

    Args:
        parent: Process that began this one; if it is gone already, this one ends now.
        by: The signal that this process gets.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, by)
    if parent is not None and os.getppid() != parent:
        raise SystemExit("The process that began this one is gone.")
