"""Makes the application in each worker process: the composition root of the server."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from node.iiif.service import ImageService
from node.layout import Layout
from node.processes import end_with_parent, log_to_stderr
from node.search.desk import SearchDesk
from node.serve.api import make_api
from node.serve.application import NodeApplication
from node.serve.image_rights import ImageRights
from node.serve.images import Images
from node.serve.limits import RateLimit
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.serve.touches import Touches
from node.slices.store import SliceStore

NODE_VARIABLE = "VASCULUM_SERVED_NODE"
LOG_VARIABLE = "VASCULUM_LOG_REQUESTS"
READ_ONLY_VARIABLE = "VASCULUM_READ_ONLY"
_REQUESTS = logging.getLogger("vasculum.requests")


def make_application() -> NodeApplication:
    """The application of the node that the environment names; granian calls this in each worker."""
    log_to_stderr()
    end_with_parent()
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

    desk = SearchDesk(live)
    api = make_api(live, metrics, desk, read_only=READ_ONLY_VARIABLE in os.environ)
    images = Images(ImageService(node.layout.iiif, node.config.iiif), ImageRights(desk))
    return NodeApplication(node.layout, node.store, api, images, limit, seen)
