"""How one exchange may end, as values; and the exception that carries an early end up to the fetcher."""

from __future__ import annotations

from dataclasses import dataclass

from crawlers.fetch.capture import Outcome, Reason
from hashstore.blobstore.interface import Sealed
from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Ending:
    """What an answer came to; the fetcher adds who asked, when, and over which hops."""

    outcome: Outcome
    digest: Digest | None = None
    size: int | None = None
    sniffed: str | None = None
    message: str | None = None
    sealed: Sealed | None = None


class Stop(Exception):
    """This attempt is over without bytes. Never leaves the package: the fetcher turns it into a Capture.

    Attributes:
        reason: The code for the capture row.
        message: The same in words.
        again: Whether another attempt may fare better.
        wait: Seconds that the server asked us to wait first (Retry-After).
        outcome: failed, or gone where the server says that nothing is there.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        again: bool = False,
        wait: float | None = None,
        outcome: Outcome = Outcome.FAILED,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.again = again
        self.wait = wait
        self.outcome = outcome
