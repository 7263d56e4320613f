"""Watches, subscribers and events in SQLite."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from node.errors import NotFound, NoticeError
from node.notices.model import Channel, Event, Subscriber, Watch
from node.small_database import SmallDatabase

_SCHEMA = """
CREATE TABLE IF NOT EXISTS watch (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, filter TEXT, dataset TEXT, feed INTEGER NOT NULL,
    added TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS seen (watch TEXT PRIMARY KEY, state TEXT NOT NULL, known BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS subscriber (
    id TEXT PRIMARY KEY, watch TEXT NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL,
    secret TEXT NOT NULL, UNIQUE (watch, channel, address)
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    watch TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
    state TEXT NOT NULL, title TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER NOT NULL,
    digests BLOB NOT NULL, statement BLOB, told INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (watch, number)
) STRICT;
"""
_ADVICE = (
    "It says what is watched and who is told: restore it from a backup, or move it away and add the watches "
    "again."
)
_WATCH = "SELECT id, name, filter, dataset, feed, added FROM watch"
_SUBSCRIBER = "SELECT id, watch, channel, address, secret FROM subscriber"
_EVENT = "SELECT id, watch, number, at, state, title, added, removed, digests, statement FROM event"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a watch saw last.

    Attributes:
        state: How many entries each log had, by its origin.
        known: Digests, sorted: the members that were shown, or the statements of a dataset's versions.
    """

    state: Mapping[str, int]
    known: bytes


class NoticeStore:
    """The watches of one node. Each call is a transaction, durable when it returns, for any process."""

    def __init__(self, path: Path) -> None:
        self._database = SmallDatabase(path, _SCHEMA, NoticeError, _ADVICE, private=True)

    def watches(self) -> list[Watch]:
        """All that is watched, by name."""
        return [_watch(row) for row in self._database.rows(f"{_WATCH} ORDER BY name")]

    def watch(self, text: str) -> Watch:
        """A watch by its name or id.

        Raises:
            NotFound: there is none.
        """
        rows = self._database.rows(f"{_WATCH} WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC", [text])
        if not rows:
            raise NotFound(f"Nothing is watched under the name {text!r}; `vasculum watch ls` lists what is.")
        return _watch(rows[0])

    def add(self, watch: Watch, seen: Seen) -> None:
        """Watch something from what is seen now on.

        Raises:
            NoticeError: something is watched under that name already.
        """
        with self._database.transaction() as db:
            if db.execute("SELECT 1 FROM watch WHERE name = ?", [watch.name]).fetchone():
                raise NoticeError(
                    f"Something is watched under the name {watch.name!r} already. Choose another name, or "
                    "remove it with `vasculum watch rm`."
                )
            values = [watch.id, watch.name, watch.filter, watch.dataset, int(watch.feed), watch.added]
            db.execute("INSERT INTO watch VALUES (?, ?, ?, ?, ?, ?)", values)
            db.execute("INSERT INTO seen VALUES (?, ?, ?)", [watch.id, _text(seen.state), seen.known])

    def remove(self, watch: Watch) -> None:
        """Forget a watch with all that belongs to it."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM watch WHERE id = ?", [watch.id])
            for table in ("seen", "subscriber", "event"):
                db.execute(f"DELETE FROM {table} WHERE watch = ?", [watch.id])

    def seen(self, watch: Watch) -> Seen:
        """What a watch saw last."""
        [(state, known)] = self._database.rows("SELECT state, known FROM seen WHERE watch = ?", [watch.id])
        return Seen(json.loads(state), known)

    def note(self, watch: Watch, before: Seen, after: Seen, events: list[Event]) -> bool:
        """Keep what was seen together with what was new about it.

        Returns:
            Whether it was kept; not so if the watch is gone or another process has looked meanwhile.
        """
        with self._database.transaction() as db:
            row = db.execute("SELECT state FROM seen WHERE watch = ?", [watch.id]).fetchone()
            if row is None or row[0] != _text(before.state):
                return False
            db.execute(
                "UPDATE seen SET state = ?, known = ? WHERE watch = ?",
                [_text(after.state), after.known, watch.id],
            )
            db.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                [_values(event) for event in events],
            )
        return True

    def events(self, watch: Watch, most: int) -> list[Event]:
        """The newest events of a watch, the newest first."""
        query = f"{_EVENT} WHERE watch = ? ORDER BY number DESC LIMIT ?"
        return [_event(row) for row in self._database.rows(query, [watch.id, most])]

    def event(self, id: str) -> Event:
        """An event by its id.

        Raises:
            NotFound: its watch was removed.
        """
        rows = self._database.rows(f"{_EVENT} WHERE id = ?", [id])
        if not rows:
            raise NotFound(f"The event {id} is gone: nobody watches for it any more.")
        return _event(rows[0])

    def untold(self) -> list[Event]:
        """Events of which it is not settled yet who is told."""
        return [_event(row) for row in self._database.rows(f"{_EVENT} WHERE told = 0 ORDER BY watch, number")]

    def settle(self, event: Event) -> None:
        """It is settled who is told of an event."""
        self._database.change("UPDATE event SET told = 1 WHERE id = ?", [event.id])

    def subscribe(self, watch: Watch, channel: Channel, address: str, secret: str) -> Subscriber:
        """Tell somebody of a watch from now on; who is told already stays as they are."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO subscriber VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [str(uuid.uuid4()), watch.id, channel, address, secret],
            )
            query = f"{_SUBSCRIBER} WHERE watch = ? AND channel = ? AND address = ?"
            return _subscriber(db.execute(query, [watch.id, channel, address]).fetchone())

    def subscribers(self, watch: str) -> list[Subscriber]:
        """Who is told of a watch, by its id."""
        query = f"{_SUBSCRIBER} WHERE watch = ? ORDER BY channel, address"
        return [_subscriber(row) for row in self._database.rows(query, [watch])]

    def subscriber(self, id: str) -> Subscriber:
        """Somebody who is told, by id.

        Raises:
            NotFound: they are told no more.
        """
        rows = self._database.rows(f"{_SUBSCRIBER} WHERE id = ?", [id])
        if not rows:
            raise NotFound(f"The subscriber {id} is gone: the watch was removed.")
        return _subscriber(rows[0])


def _watch(row: tuple[Any, ...]) -> Watch:
    id, name, filter_text, dataset, feed, added = row
    return Watch(id, name, filter_text, dataset, bool(feed), added)


def _subscriber(row: tuple[Any, ...]) -> Subscriber:
    id, watch, channel, address, secret = row
    return Subscriber(id, watch, Channel(channel), address, secret)


def _values(event: Event) -> list[Any]:
    digests = b"".join(digest.raw for digest in event.digests)
    statement = None if event.statement is None else event.statement.raw
    return [
        event.watch, event.number, event.id, event.at, _text(event.state), event.title, event.added,
        event.removed, digests, statement,
    ]  # fmt: skip


def _event(row: tuple[Any, ...]) -> Event:
    id, watch, number, at, state, title, added, removed, digests, statement = row
    split = tuple(Digest(digests[start : start + 32]) for start in range(0, len(digests), 32))
    named = None if statement is None else Digest(statement)
    return Event(id, watch, number, at, json.loads(state), title, added, removed, split, named)


def _text(state: Mapping[str, int]) -> str:
    return json.dumps(dict(state), sort_keys=True)
