"""What the head of an answer says: pure functions from status and fields to what is to be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from crawlers.fetch.capture import Outcome, Reason
from crawlers.fetch.ending import Stop
from crawlers.fetch.retry import retry_after
from crawlers.fetch.url import fault_of, without_secrets

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524})
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ContentRange:
    """`first` and `last` byte of a part, counted from 0, and the `total` if the server knows it."""

    first: int
    last: int
    total: int | None


def content_range(value: str | None) -> ContentRange | None:
    """Parse Content-Range (RFC 9110 section 14.4); None if absent, malformed or contradicting itself."""
    match = _CONTENT_RANGE.fullmatch((value or "").strip())
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    return ContentRange(first, last, total) if first <= last and (total is None or last < total) else None


def strong_etag(value: str | None) -> str | None:
    """The entity tag if it is a strong one (RFC 9110 section 8.8.3), fit for If-Range; otherwise None."""
    strong = value is not None and len(value) >= 2 and value[0] == '"' == value[-1]
    return value if value is not None and strong and can_be_sent(value) else None


def can_be_sent(value: str) -> bool:
    """Whether a validator can stand in a request: servers send characters back that no field may hold."""
    return value.isascii() and value.isprintable()


def declared_length(response: httpx.Response) -> int | None:
    """Content-Length, if the answer states one that can be read."""
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def media_type(response: httpx.Response) -> str | None:
    """The declared media type without parameters, in lower case."""
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() or None


def coding(response: httpx.Response) -> str | None:
    """The Content-Encoding that the server applied although we asked for none; None for identity."""
    value = response.headers.get("content-encoding", "").strip().lower()
    return None if value in {"", "identity"} else value


def redirect_target(response: httpx.Response, url: httpx.URL) -> httpx.URL | None:
    """Where the answer sends us, or None if it is no redirect.

    Raises:
        Stop: It is a redirect to nowhere: no Location, or one that is no http or https URL.
    """
    if response.status_code not in REDIRECTS:
        return None
    location = response.headers.get("location")
    if not location:
        raise Stop(Reason.BAD_REDIRECT, f"{url} answered {response.status_code} without saying where to go")
    try:
        target = url.join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as exc:
        raise Stop(Reason.BAD_REDIRECT, f"{url} redirects to {location!r}, which is no URL: {exc}") from exc
    fault = fault_of(target)
    if fault is not None:
        raise Stop(Reason.BAD_REDIRECT, f"{url} redirects to {without_secrets(location)!r}, which {fault}")
    return target


def refuse_failure(response: httpx.Response, url: httpx.URL, *, known: bool, conditional: bool) -> None:
    """Let 200, 203, 206 and an asked-for 304 pass; end the attempt on any other status.

    Args:
        response: Its head is enough.
        url: The URL that answered.
        known: Whether earlier bytes of the requested URL are kept, so that its loss is `gone` and not
            `failed`.
        conditional: Whether validators were sent, so that 304 makes sense.

    Raises:
        Stop: With the reason, and whether and when to try again.
    """
    status = response.status_code
    if status in (200, 203, 206) or (status == 304 and conditional):
        return
    if status in (404, 410):
        reason = Reason.NOT_FOUND if status == 404 else Reason.GONE
        kept = "; the bytes it gave before are kept" if known else ""
        outcome = Outcome.GONE if known else Outcome.FAILED
        raise Stop(reason, f"{url} answered {status}: nothing is there{kept}", outcome=outcome)
    if status == 429 or status in _PASSING:
        wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        reason = Reason.RATE_LIMITED if status == 429 else Reason.SERVER_ERROR
        raise Stop(reason, f"{url} answered {status}", again=True, wait=wait)
    raise Stop(_final_reason(status), f"{url} answered {status} {response.reason_phrase}".rstrip())


def _final_reason(status: int) -> Reason:
    if status in (401, 402, 403, 407):
        return Reason.ACCESS_DENIED
    if status == 451:
        return Reason.LEGAL
    if status in (204, 205):
        return Reason.EMPTY
    if 400 <= status < 500:
        return Reason.REFUSED
    return Reason.SERVER_ERROR if status >= 500 else Reason.BAD_ANSWER
