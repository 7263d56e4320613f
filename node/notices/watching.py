"""Looking at what is watched: what is new since the last look, kept as events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from hashstore.digest import Digest
from manifests.errors import ManifestError
from node.compose import Node
from node.errors import NodeError
from node.index import Index
from node.notices.model import Event, Watch
from node.notices.seeing import Found, Looking, new_images, new_versions
from node.notices.store import NoticeStore, Seen
from node.notices.times import event_time
from node.policy import Principal, decide
from node.serve.lookup import ServedBlobs
from node.serve.watch import bring_served_up
from node.slices.state import present_state


@dataclass(slots=True)
class Looked:
    """What came of looking.

    Attributes:
        events: How many were new.
        trouble: Why a watch could not be looked at, by its name.
    """

    events: int = 0
    trouble: dict[str, str] = field(default_factory=dict)


def look(node: Node, store: NoticeStore, watches: Sequence[Watch], now: datetime) -> Looked:
    """Look at what is watched, and keep what is new; what is wrong with one watch is no other's trouble.

    Args:
        node: The node.
        store: Its watches.
        watches: At which of them.
        now: The time.
    """
    result = Looked()
    with _looking(node) as looking:
        for watch in watches:
            try:
                result.events += _look_at(looking, store, watch, now)
            except (NodeError, ManifestError) as error:
                # Rows that are not here yet come with a sync, and then the logs have grown.
                result.trouble[watch.name] = str(error)
    return result


def _look_at(looking: Looking, store: NoticeStore, watch: Watch, now: datetime) -> int:
    before = store.seen(watch)
    if before.state == looking.state:
        return 0
    after, events = looked(looking, watch, before)
    dated = _dated(events, store.events(watch, 1), now)
    return len(dated) if store.note(watch, before, after, dated) else 0


def seen_now(node: Node, watch: Watch) -> Seen:
    """What a watch begins from: all that is there now is not new."""
    with _looking(node) as looking:
        return looked(looking, watch, Seen({}, b""))[0]


def looked(looking: Looking, watch: Watch, before: Seen) -> tuple[Seen, list[Found]]:
    """What a watch sees now, and what is new about it."""
    see = new_images if watch.dataset is None else new_versions
    return see(looking, watch, before)


@contextmanager
def _looking(node: Node) -> Iterator[Looking]:
    with node.index() as index, visible_images(node, index) as visible:
        state = {log.origin: log.size for log in present_state(node, index)}
        yield Looking(node, index, state, visible)


def _dated(found: Sequence[Found], earlier: Sequence[Event], now: datetime) -> list[Event]:
    """Events with their times and numbers, the oldest first."""
    number, times = (earlier[0].number, [earlier[0].at]) if earlier else (0, [])
    events = []
    for count, one in enumerate(found, 1):
        times = [event_time(one.said, times, now)]
        events.append(replace(one.event, number=number + count, at=times[0]))
    return events


@contextmanager
def visible_images(node: Node, index: Index) -> Iterator[Callable[[Iterable[Digest]], list[Digest]]]:
    """Gives what tells which of some images everybody may see, as the server does."""
    bring_served_up(node, index)
    served = ServedBlobs(node.layout.served)
    try:
        yield lambda digests: [digest for digest in digests if is_visible(served, digest)]
    finally:
        served.close()


def is_visible(served: ServedBlobs, digest: Digest) -> bool:
    """Whether everybody may see an image."""
    found = served.find(digest)
    return found is not None and decide(Principal.PUBLIC, found.access).allowed
