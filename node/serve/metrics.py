"""Counts for Prometheus: requests by kind and status, and how long they took."""

from __future__ import annotations

import os
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector  # type: ignore[no-untyped-call, unused-ignore]

_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
# Kinds, not paths: a label for each digest would be a time series for each blob.
_KINDS = ("blob", "log", "mirror", "pack", "heads", "locate", "audit", "witness", "iiif")


class Metrics:
    """The counts of one worker; where there are several, each answers for all of them."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "vasculum_requests", "Requests answered.", ("kind", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "vasculum_request_seconds",
            "Time until an answer was handed over.",
            ("kind",),
            registry=self._registry,
        )

    def count(self, path: str, status: int, seconds: float) -> None:
        """Take down one request."""
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        kind = first if first in _KINDS else "other"
        self._counter(kind, status).inc()
        self._clock(kind).observe(seconds)

    # The library looks for a label under a lock; there are few, and this is done at every request.
    @cache  # noqa: B019 (lives as long as the worker)
    def _counter(self, kind: str, status: int) -> Counter:
        return self._requests.labels(kind, str(status))

    @cache  # noqa: B019
    def _clock(self, kind: str) -> Histogram:
        return self._seconds.labels(kind)

    def exposition(self) -> bytes:
        """All counts in the text format of Prometheus."""
        if _MULTIPROCESS not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call, unused-ignore]
        return generate_latest(registry)
