"""Answer a request for a resource as RFC 9110 asks: conditions (section 13), ranges (section 14), HEAD."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from node.museum.web.message import HTML, Answer, Request, Resource

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def answer_request(request: Request, resource: Resource | None) -> Answer:
    """Say what a static file server says; the body of a HEAD is left for the transport to keep back."""
    if request.method not in ("GET", "HEAD"):
        return Answer(405, (("Allow", "GET, HEAD"), ("Content-Type", HTML)), _page("405 Method Not Allowed"))
    if resource is None:
        return Answer(404, (("Content-Type", HTML),), _page("404 Not Found"))
    if resource.status != 200:
        return Answer(resource.status, (("Content-Type", resource.media_type),), resource.body)
    if _unchanged(request, resource):
        return Answer(304, _validators(resource))
    span = _asked_range(request, resource)
    if span is None:
        return Answer(200, (("Content-Type", resource.media_type), *_validators(resource)), resource.body)
    return _partial(resource, *span)


def _validators(resource: Resource) -> tuple[tuple[str, str], ...]:
    return (
        ("ETag", resource.etag),
        ("Last-Modified", resource.last_modified),
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", "public, max-age=0, must-revalidate"),
    )


def _unchanged(request: Request, resource: Resource) -> bool:
    """Compare weakly (section 13.1.2); the date counts only where no entity tag is given (13.1.3)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in known or resource.etag in known
    since = _http_date(request.headers.get("if-modified-since"))
    return since is not None and resource.modified <= since


def _asked_range(request: Request, resource: Resource) -> tuple[int, int] | None:
    """Read one byte range as (start, stop); (size, size) when none of it is there; None to send the whole.

    Several ranges, other units and a stale If-Range all fall back to the whole, which section 14.2 allows.
    """
    match = _ONE_RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if request.method != "GET" or match is None or not _still_same(request, resource):
        return None
    first, last = match.groups()
    size = len(resource.body)
    if not first:
        return (max(0, size - int(last)), size) if last else None
    start, stop = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < start:
        return None
    return (start, stop) if start < size else (size, size)


def _still_same(request: Request, resource: Resource) -> bool:
    """Compare If-Range strongly (section 13.1.5)."""
    condition = request.headers.get("if-range")
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == resource.etag
    return _http_date(condition) == resource.modified


def _partial(resource: Resource, start: int, stop: int) -> Answer:
    size = len(resource.body)
    if start >= stop:
        return Answer(416, (("Content-Range", f"bytes */{size}"), ("Content-Type", HTML)), _page("416"))
    headers = (
        ("Content-Type", resource.media_type),
        ("Content-Range", f"bytes {start}-{stop - 1}/{size}"),
        *_validators(resource),
    )
    return Answer(206, headers, resource.body[start:stop])


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _page(heading: str) -> bytes:
    return f"<!doctype html><title>{heading}</title><h1>{heading}</h1>".encode()
