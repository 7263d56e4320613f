"""What is told of an event, at the moment of telling: what was withdrawn since is not named."""

from __future__ import annotations

from dataclasses import dataclass

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.compose import Node
from node.notices.feeds import summary_of, watch_path
from node.notices.model import Event, Subscriber, Watch
from node.notices.store import NoticeStore
from node.notices.watching import visible_images


@dataclass(frozen=True, slots=True)
class Notice:
    """One event for one subscriber.

    Attributes:
        watch: What is watched.
        subscriber: Who is told.
        event: What is new.
        shown: The images of it that everybody may see now.
    """

    watch: Watch
    subscriber: Subscriber
    event: Event
    shown: tuple[Digest, ...]


def notice_of(node: Node, event: str, subscriber: str) -> Notice:
    """The notice of an event for a subscriber, both by their ids.

    Raises:
        NotFound: the watch was removed meanwhile.
    """
    store = NoticeStore(node.layout.notices)
    found, who = store.event(event), store.subscriber(subscriber)
    with node.index() as index, visible_images(node, index) as visible:
        shown = tuple(visible(found.digests))
    return Notice(store.watch(found.watch), who, found, shown)


def notice_body(node: Node, notice: Notice) -> bytes:
    """What a webhook is told, as canonical JSON (spec/notices.md)."""
    event, watch = notice.event, notice.watch
    return canonical_json(
        {
            "type": "vasculum.news",
            "timestamp": event.at,
            "data": {
                "id": event.id,
                "node": node.config.identity.origin,
                "watch": watch.name,
                "filter": watch.filter,
                "dataset": watch.dataset,
                "title": event.title,
                "summary": summary_of(event),
                "state": dict(event.state),
                "added": event.added,
                "removed": event.removed,
                "images": [digest.uri for digest in notice.shown],
                "statement": event.statement.uri if event.statement else None,
                "feed": watch_path(watch) if watch.feed else None,
            },
        }
    )
