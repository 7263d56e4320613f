"""Ways in which real servers let a harvester down: each turns the right answer into what goes out instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from node.museum.web.message import HTML, Answer, Delivery

Fault: TypeAlias = Callable[[Answer], Answer]

ERROR_PAGE = (
    b"<!doctype html><html><head><title>Image not available</title></head>"
    b"<body><h1>Sorry, this image is not available at the moment.</h1></body></html>"
)


def too_many_requests(retry_after: int | str = 1) -> Fault:
    """Answer 429 with Retry-After, in seconds or as an HTTP date."""
    return lambda _: Answer(429, (("Retry-After", str(retry_after)), ("Content-Type", HTML)), b"Slow down.")


def unavailable(retry_after: int | str | None = None) -> Fault:
    """Answer 503, with Retry-After if given."""
    hint = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
    return lambda _: Answer(503, (*hint, ("Content-Type", HTML)), b"Down for maintenance.")


def status(code: int) -> Fault:
    """Answer with any status code and a page that names it."""
    return lambda _: Answer(code, (("Content-Type", HTML),), f"<h1>{code}</h1>".encode())


def slow(delay: float = 0.0, bytes_per_second: int | None = None) -> Fault:
    """Wait before answering, then dribble the body out at a pace."""
    return lambda answer: replace(answer, delivery=Delivery(delay, bytes_per_second))


def truncated(after: int) -> Fault:
    """Announce the whole body, hang up after so many bytes of it."""
    return lambda answer: replace(answer, delivery=Delivery(stop_after=after))


def endless(bytes_per_second: int | None = None) -> Fault:
    """Send the body over and over, announcing no length, until the client hangs up."""
    return lambda answer: replace(
        answer, body=answer.body or b"\0" * 65536, delivery=Delivery(0, bytes_per_second, None, True)
    )


def redirect(to: str, code: int = 302) -> Fault:
    """Send the client elsewhere: a path, an address, or the same path again for a loop."""
    return lambda _: Answer(code, (("Location", to), ("Content-Type", HTML)), b"Moved.")


def wrong_type(media_type: str) -> Fault:
    """Send the right bytes under a wrong Content-Type."""
    return lambda answer: answer.with_header("Content-Type", media_type)


def wrong_length(difference: int) -> Fault:
    """Announce a Content-Length that is off by so many bytes, then send the true body and hang up."""
    return lambda answer: replace(
        answer.with_header("Content-Length", str(max(0, len(answer.body) + difference))),
        delivery=Delivery(stop_after=len(answer.body)),
    )


def error_page() -> Fault:
    """Answer 200 with an HTML page, as image servers do that cannot find a file."""
    return lambda _: Answer(200, (("Content-Type", HTML),), ERROR_PAGE)


class FaultBoard:
    """Which paths are faulty just now, and for how many requests more. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[str, tuple[Fault, int | None]] = {}

    def put(self, path: str, fault: Fault, times: int | None = None) -> None:
        """Make a path faulty: for so many requests, or until healed."""
        with self._lock:
            self._faults[path] = (fault, times)

    def heal(self, path: str | None = None) -> None:
        """Take one fault away, or all."""
        with self._lock:
            if path is None:
                self._faults.clear()
            else:
                self._faults.pop(path, None)

    def spoil(self, path: str, answer: Answer) -> Answer:
        """Pass an answer through the path's fault, if it has one left."""
        with self._lock:
            fault, times = self._faults.get(path, (None, None))
            if fault is None:
                return answer
            if times is not None:
                self._count_down(path, fault, times)
        return fault(answer)

    def _count_down(self, path: str, fault: Fault, times: int) -> None:
        if times > 1:
            self._faults[path] = (fault, times - 1)
        else:
            del self._faults[path]
