"""When something stood in the logs, by what they say themselves. Pure, but for the query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from node.index import Index

_NEWEST = """
SELECT document FROM statement WHERE log = ? AND log_index >= ? AND log_index < ?
ORDER BY log_index DESC LIMIT 16
"""
_FIELDS = ("endedAtTime", "generatedAtTime", "startedAtTime")


def newest_time(
    index: Index, before: Mapping[str, int], after: Mapping[str, int], own: str
) -> datetime | None:
    """The latest time that the newest new statements of the logs give themselves; None if none gives one.

    Args:
        index: The open index.
        before: How many entries each log had, by its origin.
        after: How many it has.
        own: The origin of this node's own log.
    """
    numbers = {origin or own: number for number, origin in index.origins().items()}
    found = []
    for origin, size in after.items():
        if size > before.get(origin, 0):
            rows = index.rows(_NEWEST, [numbers[origin], before.get(origin, 0), size])
            found += [time for row in rows if (time := statement_time(json.loads(row["document"])))]
    return max(found, default=None)


def statement_time(document: Mapping[str, object]) -> datetime | None:
    """When a statement says that it was made; None if it does not."""
    for name in _FIELDS:
        value = document.get(name)
        if isinstance(value, str):
            try:
                read = datetime.fromisoformat(value)
                return read.astimezone(UTC) if read.tzinfo is not None else None
            except (ValueError, OverflowError):  # no time, or one outside the years of UTC
                continue
    return None


def event_time(said: datetime | None, not_before: Iterable[str], now: datetime) -> str:
    """The time of an event, RFC 3339 in UTC with whole seconds.

    Clocks of other institutions may be wrong, or lie: an event is never in the future, nor earlier than the
    one before it.

    Args:
        said: What the logs say.
        not_before: Earlier times in the same form.
        now: The time here.
    """
    chosen = min(said, now) if said is not None else now
    text = chosen.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return max([text, *not_before])
