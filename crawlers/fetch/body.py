"""The bytes of one fetch on their way into the store, across broken transfers and resumed ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import monotonic

import httpx

from crawlers.fetch.answer import coding, content_range, declared_length, media_type, strong_etag
from crawlers.fetch.capture import Outcome, Reason
from crawlers.fetch.ending import Ending, Stop
from crawlers.fetch.request import FetchRequest, Limits
from crawlers.fetch.sniff import NEEDED, decoded_head, describe, image_type
from hashstore.blobstore.interface import BlobStore, Sealed, Staging


class Body:
    """What has come so far of one URL's bytes. Use as a context manager: what is not sealed is discarded."""

    def __init__(self, store: BlobStore, request: FetchRequest, limits: Limits) -> None:
        self._store = store
        self._request = request
        self._limits = limits
        self._most = limits.max_bytes if request.max_bytes is None else request.max_bytes
        self._staging: Staging | None = None
        self._received = 0
        self._head = b""
        self._validator: str | None = None
        self._origin: str | None = None

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *error: object) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what has come."""
        if self._staging is not None:
            self._staging.discard()
        self._staging, self._received, self._head = None, 0, b""
        self._validator = self._origin = None

    def range_fields(self, url: httpx.URL) -> dict[str, str]:
        """Fields that ask this URL for the rest, or nothing if it must be had from the start.

        Only a strong validator makes it safe to join two parts (RFC 9110 section 13.1.5), and only one of the
        same
        URL: after a redirect elsewhere it says nothing.
        """
        if not self._received or self._validator is None or self._origin != str(url):
            return {}
        return {"Range": f"bytes={self._received}-", "If-Range": self._validator}

    async def receive(self, response: httpx.Response, *, resuming: bool) -> Ending:
        """Take the body of a 200, 203 or 206 to its end.

        Args:
            response: Streaming, head read.
            resuming: Whether `range_fields` were sent with the request.

        Raises:
            Stop: The body is refused, or broke off.
        """
        declared = self._begin(response, resuming)
        if declared is not None and declared > self._most:
            raise self._too_large(f"{declared:,} bytes")
        began, before = monotonic(), self._received
        async for chunk in _chunks(response):
            self._write(chunk, response)
            self._check_pace(monotonic() - began, self._received - before)
        if declared is not None and self._received != declared:
            raise Stop(
                Reason.BROKEN_TRANSFER, f"{self._received:,} of {declared:,} declared bytes came", again=True
            )
        return self._finish(response)

    def _begin(self, response: httpx.Response, resuming: bool) -> int | None:
        """Open or continue the staging; the length of the whole, if it is declared."""
        if response.status_code == 206:
            return self._continue(response, resuming)
        self.restart()
        self._staging = self._store.stage()
        if coding(response) is None and response.headers.get("accept-ranges", "").lower() != "none":
            self._validator = strong_etag(response.headers.get("etag"))
            self._origin = str(response.url)
        return declared_length(response)

    def _continue(self, response: httpx.Response, resuming: bool) -> int | None:
        part = content_range(response.headers.get("content-range"))
        etag = response.headers.get("etag")
        fits = part is not None and part.first == self._received and etag in (None, self._validator)
        if part is None or not resuming or not fits:
            self.restart()
            message = (
                f"a part that was not asked for came ({response.headers.get('content-range')!r}); begun anew"
            )
            raise Stop(Reason.BAD_ANSWER, message, again=resuming)
        return part.total if part.total is not None else part.last + 1

    def _write(self, chunk: bytes, response: httpx.Response) -> None:
        assert self._staging is not None
        self._received += len(chunk)
        if self._received > self._most:
            raise self._too_large("more")
        if len(self._head) < NEEDED:
            self._head += chunk[: NEEDED - len(self._head)]
            if len(self._head) == NEEDED:
                self._check_image(response)
        self._staging.write(chunk)

    def _finish(self, response: httpx.Response) -> Ending:
        assert self._staging is not None
        if not self._received:
            raise Stop(Reason.EMPTY, f"{response.url} answered {response.status_code} with no bytes")
        sniffed = self._check_image(response)
        sealed = self._staging.seal()
        self._staging = None
        return self._judge(sealed, sniffed, _remark(response))

    def _judge(self, sealed: Sealed, sniffed: str | None, remark: str | None) -> Ending:
        if sealed.digest == self._request.known:
            self._store.discard([sealed])
            return Ending(Outcome.UNCHANGED, sealed.digest, sealed.size, sniffed, remark)
        return Ending(Outcome.FETCHED, sealed.digest, sealed.size, sniffed, remark, sealed)

    def _check_image(self, response: httpx.Response) -> str | None:
        if self._request.expect != "image":
            return None
        head = decoded_head(self._head, coding(response) or "")
        found = image_type(head)
        if found is None:
            self.restart()
            declared = media_type(response) or "no media type"
            came = f"{response.url} answered {response.status_code} ({declared}) with {describe(head)}"
            raise Stop(Reason.NOT_AN_IMAGE, f"{came}, not an image")
        return found

    def _check_pace(self, seconds: float, received: int) -> None:
        if seconds > self._limits.slow_after and received < seconds * self._limits.slowest:
            message = (
                f"only {received:,} bytes came in {seconds:.0f} s; given up so as not to hold the connection"
            )
            raise Stop(Reason.TOO_SLOW, message, again=True)

    def _too_large(self, how_much: str) -> Stop:
        self.restart()
        return Stop(Reason.TOO_LARGE, f"the answer has {how_much}, the limit is {self._most:,} bytes")


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The bytes as received; a transport that is not the network may have brought them all at once."""
    if response.is_stream_consumed:
        yield response.content
        return
    async for chunk in response.aiter_raw():
        yield chunk


def _remark(response: httpx.Response) -> str | None:
    """Decision 1: the digest is over the bytes as received, even where the server compressed them unasked."""
    applied = coding(response)
    if applied is None:
        return None
    return f"stored as received: the server applied Content-Encoding {applied} although none was asked for"
