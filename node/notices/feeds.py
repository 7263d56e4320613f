"""Which feeds a node has, and what stands in them; whatever was withdrawn since is in none of them."""

from __future__ import annotations

from node.compose import Node
from node.notices.feed import Entry, Feed
from node.notices.model import Event, Watch
from node.notices.store import NoticeStore
from node.notices.watching import is_visible
from node.serve.lookup import ServedBlobs

_MOST_ENTRIES = 50
_MOST_IMAGES = 100  # of one entry


def watch_feeds(node: Node) -> list[Watch]:
    """The watches that everybody can read."""
    return [watch for watch in NoticeStore(node.layout.notices).watches() if watch.feed]


def watch_path(watch: Watch) -> str:
    """Where the feed of a watch is."""
    return f"/feeds/watches/{watch.id}.atom"


def watch_feed(node: Node, watch: Watch) -> Feed:
    """The feed of a watch, as everybody may see it now."""
    events = NoticeStore(node.layout.notices).events(watch, _MOST_ENTRIES)
    served = ServedBlobs(node.layout.served)
    try:
        entries = [_entry(served, event) for event in events]
    finally:
        served.close()
    return Feed(
        id=f"urn:uuid:{watch.id}",
        title=watch.name,
        path=watch_path(watch),
        updated=events[0].at if events else watch.added,
        author=node.config.identity.name,
        subtitle=f"Images under {watch.filter}" if watch.filter else "Versions of a dataset",
        entries=entries,
    )


def _entry(served: ServedBlobs, event: Event) -> Entry:
    images = tuple(digest for digest in event.digests if is_visible(served, digest))[:_MOST_IMAGES]
    link = None if event.statement is None else f"/blob/sha256/{event.statement.hex}"
    return Entry(event.id, event.title, event.at, summary_of(event), images, link)


def summary_of(event: Event) -> str:
    """What an event says in words, without naming anything that could be withdrawn."""
    logs = ", ".join(f"{origin} with {size:,} entries" for origin, size in sorted(event.state.items()))
    return f"{event.title}. Seen in {logs}."
