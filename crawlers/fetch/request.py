"""What to fetch, and how far to go for it: plain values that a caller fills in."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from hashstore.digest import Digest

Role = Literal["archive", "feed", "list", "metadata", "image", "file"]
Expect = Literal["image", "any"]


def _version() -> str:
    try:
        return version("vasculum")
    except PackageNotFoundError:  # run from a source tree that nobody installed
        return "0"


USER_AGENT = f"Vasculum/{_version()} (+https://w3id.org/vasculum)"


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One URL to fetch.

    Attributes:
        url: http or https; as published, so spaces around it and unescaped characters are taken.
        role: What the bytes are for.
        etag: The validator of an earlier capture, sent back if `known` is set too.
        last_modified: Likewise.
        known: The bytes that this URL gave before and that the node still holds.
        expect: With "image", bytes that are no image (an error page answered with 200) count as a failure.
        max_bytes: Largest body taken; None leaves it to the fetcher's limits.
    """

    url: str
    role: Role
    etag: str | None = None
    last_modified: str | None = None
    known: Digest | None = None
    expect: Expect = "any"
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How politely, how long and how much; times in seconds, sizes in bytes.

    Attributes:
        per_host: Connections to one host at a time.
        connections: Connections to all hosts at a time.
        connect_timeout: For name look-up, TCP and TLS together.
        read_timeout: Longest silence within an answer.
        total_timeout: For one attempt, redirects included.
        slow_after: From then on an answer must have averaged `slowest` bytes a second.
        slowest: See `slow_after`; 0 lets any trickle pass.
        max_bytes: Largest body, unless the request says otherwise.
        max_redirects: Hops followed from one URL.
        attempts: How often a fetch is tried, the first time included.
        backoff: Pause after the first failed attempt; it doubles, with jitter, up to `longest_backoff`.
        longest_backoff: See `backoff`.
        longest_pause: A host that asks (Retry-After) for more is left alone: its requests fail without being
            sent.
        down_after: So many failed connections in a row and a host counts as down for `down_for`.
        down_for: See `down_after`.
        longest_crawl_delay: Crawl-delay of robots.txt is honoured up to here.
        obey_robots: Whether robots.txt is asked (RFC 9309).
        honour_tdm: Whether an image that its server reserves from text and data mining (TDMRep) is refused.
        user_agent: What we call ourselves; its first word is what robots.txt groups name.
    """

    per_host: int = 4
    connections: int = 64
    connect_timeout: float = 20.0
    read_timeout: float = 60.0
    total_timeout: float = 6 * 3600.0
    slow_after: float = 60.0
    slowest: int = 256
    max_bytes: int = 20 * 1024**3
    max_redirects: int = 10
    attempts: int = 4
    backoff: float = 1.0
    longest_backoff: float = 60.0
    longest_pause: float = 300.0
    down_after: int = 10
    down_for: float = 300.0
    longest_crawl_delay: float = 60.0
    obey_robots: bool = True
    honour_tdm: bool = True
    user_agent: str = USER_AGENT
