"""When to try again: Retry-After and exponential back-off, as pure functions of what was answered."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 section 10.2.3), never negative; None if unreadable.

    Args:
        value: Seconds, or an HTTP-date in any of the three forms that RFC 9110 section 5.6.7 makes us accept.
        now: The time to count a date from.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def backoff(failed: int, first: float, longest: float, chance: float) -> float:
    """Seconds to wait after so many failed attempts: doubling from `first`, between half and the whole of it.

    Args:
        failed: Attempts that failed so far, from 1.
        first: The wait after the first failure, at most.
        longest: No wait is longer.
        chance: From 0 to 1; spreads clients that failed together.
    """
    whole = min(longest, first * 2.0 ** min(failed - 1, 30))
    return float(whole * (0.5 + 0.5 * chance))
