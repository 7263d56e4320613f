"""What is asked, what is there, and what is answered: plain values, no sockets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Resource:
    """Bytes that stand at a path.

    Attributes:
        body: The bytes.
        media_type: Value of Content-Type.
        modified: When they last changed (UTC, whole seconds).
        status: 200, or what a path that exists no longer, or never did, says instead.
        etag: Strong entity tag, made from the bytes.
    """

    body: bytes
    media_type: str
    modified: datetime
    status: int = 200
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", f'"{hashlib.sha256(self.body).hexdigest()[:32]}"')

    @property
    def last_modified(self) -> str:
        """Give `modified` as an HTTP date."""
        return format_datetime(self.modified, usegmt=True)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the body goes onto the wire.

    Attributes:
        delay: Seconds before the first byte of the answer.
        bytes_per_second: Pace of the body; None for as fast as it goes.
        stop_after: Hang up after so many bytes of the body; None for all of it.
        endless: Repeat the body until the client hangs up, without a Content-Length.
    """

    delay: float = 0.0
    bytes_per_second: int | None = None
    stop_after: int | None = None
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `Content-Length` is that of the body unless a header here says otherwise."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delivery: Delivery = Delivery()

    def header(self, name: str) -> str | None:
        """Find a header by name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> Answer:
        """Set a header, in place of the same one."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))
