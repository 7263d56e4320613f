"""Looking at what is watched: what is new since the last look, kept as events."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.filter import parse_filter
from manifests.members import MemberList, difference
from node.compose import Node
from node.index import Index
from node.notices.model import Event, Watch
from node.notices.store import NoticeStore, Seen
from node.notices.times import event_time, newest_time
from node.policy import Principal, decide
from node.serve.lookup import ServedBlobs, bring_up
from node.slices.members import resolve_members
from node.slices.state import extents, present_state

MOST_TOLD = 1_000
"""So many new images of an event are named; the rest is counted."""


def look(node: Node, store: NoticeStore, watches: Sequence[Watch], now: datetime) -> int:
    """Look at what is watched, and keep what is new; returns how many events that were.

    Args:
        node: The node.
        store: Its watches.
        watches: At which of them.
        now: The time.

    Raises:
        SliceError: rows that a filter depends on are not here yet.
    """
    with node.index() as index, visible_images(node, index) as visible:
        state = {log.origin: log.size for log in present_state(node, index)}
        kept = 0
        for watch in watches:
            before = store.seen(watch)
            if before.state == state:
                continue
            after, event = _looked(node, index, watch, before, state, visible)
            if event is not None:
                event = _dated(node, index, store, watch, event, before, now)
            events = [] if event is None else [event]
            kept += len(events) if store.note(watch, before, after, events) else 0
        return kept


def seen_now(node: Node, watch: Watch) -> Seen:
    """What a watch begins from: all that is there now is not new."""
    with node.index() as index, visible_images(node, index) as visible:
        state = {log.origin: log.size for log in present_state(node, index)}
        return _looked(node, index, watch, Seen({}, b""), state, visible)[0]


@contextmanager
def visible_images(node: Node, index: Index) -> Iterator[Callable[[Iterable[Digest]], list[Digest]]]:
    """Gives what tells which of some images everybody may see, as the server does."""
    bring_up(node.layout.served, index)
    served = ServedBlobs(node.layout.served)
    try:
        yield lambda digests: [digest for digest in digests if is_visible(served, digest)]
    finally:
        served.close()


def is_visible(served: ServedBlobs, digest: Digest) -> bool:
    """Whether everybody may see an image."""
    found = served.find(digest)
    return found is not None and decide(Principal.PUBLIC, found.access).allowed


def _looked(
    node: Node, index: Index, watch: Watch, before: Seen, state: Mapping[str, int],
    visible: Callable[[Iterable[Digest]], list[Digest]],
) -> tuple[Seen, Event | None]:  # fmt: skip
    """What a filter names now, and what is new about it; its time and number are not settled yet."""
    assert watch.filter is not None
    members = resolve_members(
        index, parse_filter(watch.filter), extents(node, index, present_state(node, index))
    )
    added, removed = difference(MemberList(before.known), members)
    shown = visible(added)
    # What cannot be seen is not known either, so that it is new on the day on which it can.
    hidden = set(added) - set(shown)
    known = members if not hidden else MemberList.of(one for one in members if one not in hidden)
    after = Seen(state, known.data)
    if not shown and not removed:
        return after, None
    return after, Event(
        event_id(watch, state), watch.id, 0, "", state, _title(watch, len(shown), len(removed)),
        len(shown), len(removed), tuple(shown[:MOST_TOLD]),
    )  # fmt: skip


def event_id(watch: Watch, state: Mapping[str, int]) -> str:
    """The name of what a watch sees at a state of the logs; the same for whoever looks."""
    return uuid.uuid5(uuid.UUID(watch.id), canonical_json(dict(state)).decode()).urn


def _dated(
    node: Node, index: Index, store: NoticeStore, watch: Watch, event: Event, before: Seen, now: datetime
) -> Event:
    said = newest_time(index, before.state, event.state, node.log_key.name)
    earlier = store.events(watch, 1)
    at = event_time(said, [one.at for one in earlier], now)
    number = earlier[0].number + 1 if earlier else 1
    return replace(event, number=number, at=at)


def _title(watch: Watch, added: int, removed: int) -> str:
    parts = [f"{added:,} new image{'' if added == 1 else 's'}"] if added else []
    parts += [f"{removed:,} no longer named"] if removed else []
    return f"{watch.name}: {', '.join(parts)}"
