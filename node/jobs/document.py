"""A job as the command line and the HTTP interface tell of it (spec/jobs.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from node.jobs.model import Job


def job_document(job: Job) -> dict[str, Any]:
    """Everything about a job that others may see; what its kind keeps to resume is not among it."""
    return {
        "id": job.id,
        "number": job.number,
        "kind": job.kind,
        "parameters": dict(job.parameters),
        "user": job.user,
        "state": str(job.state),
        "cancelling": job.cancelling,
        "submitted": _time(job.submitted),
        "due": _time(job.due),
        "expires": _time(job.expires),
        "started": _time(job.started),
        "ended": _time(job.ended),
        "failures": job.failures,
        "attempts": job.attempts,
        "progress": {"label": job.progress.label, "done": job.progress.done, "total": job.progress.total},
        "result": None if job.result is None else dict(job.result),
        "error": job.error,
    }


def _time(seconds: float | None) -> str | None:
    """RFC 3339, UTC, milliseconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
