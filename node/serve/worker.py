"""Makes the application in each worker process: the composition root of the server."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from node.layout import Layout
from node.serve.api import make_api
from node.serve.application import NodeApplication
from node.serve.limits import RateLimit
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.serve.touches import Touches
from node.slices.store import SliceStore

NODE_VARIABLE = "VASCULUM_SERVED_NODE"
LOG_VARIABLE = "VASCULUM_LOG_REQUESTS"
READ_ONLY_VARIABLE = "VASCULUM_READ_ONLY"
_PR_SET_PDEATHSIG = 1
_REQUESTS = logging.getLogger("vasculum.requests")


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


def _end_with_parent() -> None:
    """Let the kernel end this worker when the process that watches over it is killed: nobody else would."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def make_application() -> NodeApplication:
    """The application of the node that the environment names; granian calls this in each worker."""
    log_to_stderr()
    _end_with_parent()
    live = LiveNode(Layout(Path(os.environ[NODE_VARIABLE])))
    node = live()
    metrics = Metrics()
    limit = RateLimit(node.config.serve.requests_per_second, node.config.serve.burst, time.monotonic)
    logged = LOG_VARIABLE in os.environ

    caches = SliceStore(node.layout.slices)
    touches = Touches(lambda read: caches.touch(read, time.time_ns()), time.monotonic)

    def seen(method: str, path: str, status: int, seconds: float, client: str) -> None:
        metrics.count(path, status, seconds)
        touches.note(path, status)
        if logged:
            fields = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
            _REQUESTS.info("request", extra={"fields": fields | {"client": client}})

    api = make_api(live, metrics, read_only=READ_ONLY_VARIABLE in os.environ)
    return NodeApplication(node.layout, node.store, api, limit, seen)
