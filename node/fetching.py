"""From node.toml to the polite fetcher's limits."""

from __future__ import annotations

from crawlers.fetch import Limits
from crawlers.fetch.request import USER_AGENT
from node.config.model import CrawlConfig


def polite_limits(crawl: CrawlConfig, per_host: int | None = None) -> Limits:
    """How politely, how long and how much this node fetches from museums.

    Args:
        crawl: What the operator decided.
        per_host: In place of what the operator decided, for this command.
    """
    per_host = per_host or crawl.max_per_host
    contact = f" {crawl.contact}" if crawl.contact else ""
    return Limits(
        per_host=per_host,
        connections=max(64, per_host),
        connect_timeout=crawl.connect_timeout,
        read_timeout=crawl.read_timeout,
        attempts=crawl.attempts,
        max_bytes=crawl.max_archive_bytes,
        obey_robots=crawl.robots,
        honour_tdm=crawl.honour_tdm,
        user_agent=USER_AGENT + contact,
    )
