"""What is learnt during one attempt, and the capture that it becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx

from crawlers.fetch import answer
from crawlers.fetch.capture import Capture, Outcome, Reason
from crawlers.fetch.ending import Ending, Stop
from crawlers.fetch.request import FetchRequest
from crawlers.fetch.tdm import Reservation, reservation, robots_tag
from crawlers.fetch.url import without_secrets


class Run:
    """What is learnt during one attempt."""

    def __init__(self, request: FetchRequest, attempt: int) -> None:
        self.request = request
        self.attempt = attempt
        self.began = datetime.now(UTC)
        self.asked: httpx.URL | None = None
        self.status: int | None = None
        self.redirects: tuple[str, ...] = ()
        self.media_type: str | None = None
        self.etag: str | None = None
        self.last_modified: str | None = None
        self.reservation: Reservation | None = None
        self.robots_tag: str | None = None

    def hop(self, url: httpx.URL, target: httpx.URL, most: int) -> None:
        self.redirects += (str(url),)
        if str(target) in self.redirects:
            raise Stop(Reason.REDIRECT_LOOP, f"{url} redirects to {target}, where we came from")
        if len(self.redirects) > most:
            raise Stop(Reason.TOO_MANY_REDIRECTS, f"{self.request.url} redirects more than {most} times")

    def read_fields(self, response: httpx.Response) -> None:
        self.media_type = answer.media_type(response)
        self.etag = response.headers.get("etag")
        self.last_modified = response.headers.get("last-modified")
        self.reservation = reservation(response)
        self.robots_tag = robots_tag(response)

    def finish(self, ending: Ending) -> Capture:
        known = self.request.known
        revises = known if ending.outcome is Outcome.FETCHED else None
        unconfirmed = self.request if self.status == 304 else None
        return replace(
            self._capture(ending.outcome),
            digest=ending.digest,
            size=ending.size,
            sniffed=ending.sniffed,
            message=ending.message,
            sealed=ending.sealed,
            revision_of=revises,
            # 304 may leave out the fields that it confirms (RFC 9110 section 15.4.5).
            etag=self.etag or (unconfirmed.etag if unconfirmed else None),
            last_modified=self.last_modified or (unconfirmed.last_modified if unconfirmed else None),
        )

    def fail(self, stop: Stop) -> Capture:
        return replace(
            self._capture(stop.outcome),
            reason=stop.reason,
            message=stop.message,
            last_known=self.request.known,
            etag=None,
            last_modified=None,
        )

    def _capture(self, outcome: Outcome) -> Capture:
        return Capture(
            url=without_secrets(self.request.url),
            role=self.request.role,
            requested_at=self.began,
            attempt=self.attempt,
            outcome=outcome,
            status=self.status,
            final_url=None if self.asked is None else str(self.asked),
            redirects=self.redirects,
            media_type=self.media_type,
            etag=self.etag,
            last_modified=self.last_modified,
            reservation=self.reservation,
            robots_tag=self.robots_tag,
        )
