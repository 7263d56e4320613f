"""What came of one attempt to fetch a URL: the values of a capture row (spec/captures.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from crawlers.fetch.tdm import Reservation
from hashstore.blobstore.interface import Sealed
from hashstore.canonical import canonical_json
from hashstore.digest import Digest

# Canonical rows hold no C0 controls; DEL and C1 belong to terminals just as much.
_SPACES = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
_LONGEST = 2_000  # characters; a server may send as much as it likes


class Outcome(StrEnum):
    """How an attempt ended."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"


class Reason(StrEnum):
    """Why an attempt brought no bytes; spec/captures.md says of each what a curator does next."""

    BAD_URL = "bad-url"
    ADDRESS_REFUSED = "address-refused"
    ROBOTS_DISALLOWED = "robots-disallowed"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    TDM_RESERVED = "tdm-reserved"
    DNS_FAILED = "dns-failed"
    CONNECT_FAILED = "connect-failed"
    TLS_FAILED = "tls-failed"
    TIMED_OUT = "timed-out"
    TOO_SLOW = "too-slow"
    BROKEN_TRANSFER = "broken-transfer"
    BAD_ANSWER = "bad-answer"
    BAD_REDIRECT = "bad-redirect"
    REDIRECT_LOOP = "redirect-loop"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    NOT_FOUND = "not-found"
    GONE = "gone"
    ACCESS_DENIED = "access-denied"
    LEGAL = "legal"
    REFUSED = "refused"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    HOST_DOWN = "host-down"
    EMPTY = "empty"
    NOT_AN_IMAGE = "not-an-image"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Capture:
    """The end of one attempt at one URL.

    Attributes:
        url: As the source gave it, but for user names and passwords.
        role: What the bytes are for: archive, feed, list, metadata, image or file.
        requested_at: When the attempt began, UTC.
        attempt: Which attempt it was, counted from 1.
        outcome: fetched, unchanged, failed or gone.
        reason: Why no bytes came; None with fetched and unchanged.
        message: The reason in words, or a remark on bytes that did come.
        status: The HTTP status that `final_url` answered; None when no answer came.
        final_url: The URL that answered, after redirects; None when none was asked.
        redirects: The URLs that redirected, in order.
        digest: The bytes received or, with unchanged, the bytes confirmed.
        size: Number of bytes received; None when none were.
        media_type: As the server declared it, without parameters.
        sniffed: The image type that the first bytes show; only with `expect="image"`.
        etag: The server's validator, to be sent back at the next crawl.
        last_modified: Likewise.
        revision_of: The bytes this URL gave before, when they changed.
        last_known: The bytes that are kept although this attempt brought none.
        reservation: What the server says of text and data mining (TDMRep); None when it says nothing.
        robots_tag: The server's X-Robots-Tag fields, which may forbid training (`noai`), joined with commas.
        sealed: The bytes, staged and not yet committed; the caller commits or discards them.
        earlier: The attempts of the same fetch that failed before this one.
    """

    url: str
    role: str
    requested_at: datetime
    attempt: int
    outcome: Outcome
    reason: Reason | None = None
    message: str | None = None
    status: int | None = None
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    digest: Digest | None = None
    size: int | None = None
    media_type: str | None = None
    sniffed: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    revision_of: Digest | None = None
    last_known: Digest | None = None
    reservation: Reservation | None = None
    robots_tag: str | None = None
    sealed: Sealed | None = None
    earlier: tuple[Capture, ...] = ()

    def row(self, source: str, crawl: str) -> dict[str, object]:
        """This attempt as a row of the capture table, in the types that Parquet stores.

        Digests are 32 bytes and `redirects` is canonical JSON (RFC 8785); a column without a value is None.
        """
        return {
            "source": source,
            "crawl": crawl,
            "url": self.url,
            "finalUrl": self.final_url,
            "redirects": canonical_json(list(self.redirects)).decode() if self.redirects else None,
            "requestedAt": rfc3339(self.requested_at),
            "attempt": self.attempt,
            "status": self.status,
            "outcome": str(self.outcome),
            "reason": None if self.reason is None else str(self.reason),
            "message": _told(self.message),
            "digest": _raw(self.digest),
            "size": self.size,
            "mediaType": _told(self.media_type),
            "etag": _told(self.etag),
            "lastModified": _told(self.last_modified),
            "revisionOf": _raw(self.revision_of),
            "lastKnown": _raw(self.last_known),
            "role": self.role,
            "salt": None,
            "tdmReservation": None if self.reservation is None else str(int(self.reservation.reserved)),
            "tdmPolicy": _told(self.reservation.policy or None) if self.reservation else None,
            "robotsTag": _told(self.robots_tag),
            "derivative": None,
            "wasDerivedFrom": None,
        }

    def attempts(self) -> Iterator[Capture]:
        """Every attempt of the fetch, this one last: each is a capture row of its own."""
        yield from self.earlier
        yield replace(self, earlier=()) if self.earlier else self


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, such as 2024-05-01T12:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(text: str | None) -> str | None:
    """What a server or a file system wrote, fit for a row: no controls, sound Unicode, and not endless."""
    if text is None:
        return None
    whole = text.encode("utf-8", "replace").decode("utf-8").translate(_SPACES)
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}..."


def _raw(digest: Digest | None) -> bytes | None:
    return None if digest is None else digest.raw
