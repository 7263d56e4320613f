"""What the server answers, as values; only the edge knows of sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Bytes of a file, sent by the server without passing through Python.

    Attributes:
        path: The file.
        start: First byte.
        stop: One past the last byte; None for the whole file, whose `start` is 0 then.
    """

    path: str
    start: int = 0
    stop: int | None = None


Body: TypeAlias = bytes | FileSlice | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        headers: Lower-case names.
        body: What follows; None for nothing.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = None


def problem(status: int, title: str, **headers: str) -> Answer:
    """An error in words (RFC 9457); it names no path, digest or person that the request did not name."""
    body = f'{{"status":{status},"title":"{title}"}}'.encode()
    fields = {
        "content-type": "application/problem+json",
        "x-content-type-options": "nosniff",
        "access-control-allow-origin": "*",
        "cache-control": "no-store",
        **headers,
    }
    return Answer(status, fields, body)
