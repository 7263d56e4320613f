"""What a publisher reserves travels with the bytes: from capture rows to the fields of our own answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

_LONGEST: Final = 2_000  # characters; a field line of a foreign server is stored up to there


def reservation_headers(captures: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The HTTP fields that go out with a blob.

    Args:
        captures: Capture rows that name the blob, in the order of the log. What the newest of each address
            says counts for that address; between addresses the stricter one wins. An answer that says
            nothing takes nothing back: a 304 may leave fields out.

    Returns:
        `tdm-reservation` and `tdm-policy` (W3C TDMRep, section 6.2), and `X-Robots-Tag`; none that was not
        learnt. No value can end its line.
    """
    reserved: dict[str, tuple[str, str | None]] = {}
    robots: dict[str, str] = {}
    for row in captures:
        url = str(row.get("url"))
        if (stated := row.get("tdmReservation")) in ("0", "1"):
            reserved[url] = (str(stated), row.get("tdmPolicy"))
        if row.get("robotsTag"):
            robots[url] = str(row["robotsTag"])
    fields = _tdm(reserved)
    told = [part for tag in sorted(set(robots.values())) if (part := _sendable(tag))]
    return {**fields, "X-Robots-Tag": ", ".join(told)[:_LONGEST]} if told else fields


def _tdm(reserved: Mapping[str, tuple[str, str | None]]) -> dict[str, str]:
    if not reserved:
        return {}
    strictest = max(stated for stated, _ in reserved.values())
    policies = sorted({policy for stated, policy in reserved.values() if policy and stated == strictest})
    fields = {"tdm-reservation": strictest}
    # Several policies cannot all be named, and one alone would give leave for what others reserve.
    if len(policies) == 1 and _is_url(policies[0]):
        fields["tdm-policy"] = policies[0]
    return fields


def _is_url(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ("http", "https") and _sendable(text) == text and " " not in text
    except ValueError:
        return False


def _sendable(text: str) -> str:
    """Visible ASCII and blanks: nothing else may stand in a field, and nothing else is needed here."""
    return "".join(letter for letter in text if letter.isascii() and letter.isprintable()).strip()
