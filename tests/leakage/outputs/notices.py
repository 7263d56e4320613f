"""What those are told who watch a filter: feed, webhook, mail; and what a stranger learns of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from node.config import MailConfig
from node.notices.feed import feed_bytes
from node.notices.feeds import dataset_feeds, watch_feed
from node.notices.mail import notice_mail
from node.notices.model import Channel, Watch
from node.notices.store import NoticeStore, Seen
from node.notices.telling import notice_body, notice_of
from node.notices.watching import look

if TYPE_CHECKING:
    from tests.leakage.conftest import House

_ID = "6f0c1c1e-0000-4000-8000-000000000001"


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    node = house.node
    store = NoticeStore(node.layout.notices)
    # It began to watch before there was anything: all that the logs name is news to it.
    watch = Watch(_ID, "Everything", '{"and":[]}', None, True, "2026-11-23T08:00:00Z")
    store.add(watch, Seen({}, b""))
    who = store.subscribe(watch, Channel.WEBHOOK, "https://lab.test/", "whsec_AAAA")
    assert look(node, store, [watch], datetime.now(UTC)).events == 1
    [event] = store.events(watch, 1)
    assert event.added, "a watch that sees nothing proves nothing"
    yield "feed", feed_bytes(watch_feed(node, watch))
    notice = notice_of(node, event.id, who.id)
    yield "webhook", notice_body(node, notice)
    mail = notice_mail(MailConfig(sender="node@house.test"), "House", watch, who, event, list(notice.shown))
    yield "mail", mail.as_bytes()
    for path, feed in dataset_feeds(node).items():
        yield path, feed_bytes(feed)
    store.remove(watch)
