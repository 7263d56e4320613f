"""What people said and decided, kept in SQLite until it stands in the log; durable when a call returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

from hashstore.digest import Digest
from node.review.errors import ReviewError
from node.review.rules import Role
from node.small_database import SmallDatabase

_SCHEMA = """
CREATE TABLE IF NOT EXISTS annotation (
    name BLOB PRIMARY KEY, image BLOB NOT NULL, agent TEXT NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS review (
    number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, image BLOB NOT NULL,
    decision TEXT NOT NULL, agent TEXT NOT NULL, reviewed TEXT NOT NULL, note TEXT, replacement BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS review_of ON review (subject, number);
"""
_ADVICE = "It holds what people said and decided and was not published yet: restore it from a backup."
_ANNOTATION: Final = "SELECT name, image, agent, role, content FROM annotation"
_REVIEW: Final = "SELECT number, subject, image, decision, agent, reviewed, note, replacement FROM review"


@dataclass(frozen=True, slots=True)
class KeptAnnotation:
    """An annotation that is not published.

    Attributes:
        name: Its name.
        image: What it is about.
        agent: Who said it.
        role: What they might do when they said it.
        content: The other columns of its row that have a value, all of them texts.
    """

    name: Digest
    image: Digest
    agent: str
    role: Role
    content: tuple[tuple[str, str], ...]

    @property
    def row(self) -> dict[str, Any]:
        """As a row of the table `annotation`."""
        return {
            **dict(self.content), "annotation": self.name.raw, "digest": self.image.raw, "agent": self.agent,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptReview:
    """A decision that is not published; attributes are the columns of its row."""

    subject: str
    image: Digest
    decision: str
    agent: str
    reviewed: str
    note: str | None = None
    replacement: Digest | None = None
    number: int = 0

    @property
    def row(self) -> dict[str, Any]:
        """As a row of the table `review`."""
        replacement = None if self.replacement is None else self.replacement.raw
        return {
            "subject": self.subject, "digest": self.image.raw, "decision": self.decision, "agent": self.agent,
            "reviewed": self.reviewed, "note": self.note, "replacement": replacement,
        }  # fmt: skip


class ReviewStore:
    """The pending annotations and decisions of one node, for any process."""

    def __init__(self, path: Path) -> None:
        self._database = SmallDatabase(path, _SCHEMA, ReviewError, _ADVICE, private=True)

    def annotations(self) -> list[KeptAnnotation]:
        """All, in the order in which they came."""
        return [_annotation(row) for row in self._database.rows(f"{_ANNOTATION} ORDER BY rowid")]

    def annotation(self, name: Digest) -> KeptAnnotation | None:
        """One of them; None if it is not here."""
        rows = self._database.rows(f"{_ANNOTATION} WHERE name = ?", [name.raw])
        return _annotation(rows[0]) if rows else None

    def reviews(self) -> list[KeptReview]:
        """All decisions, in the order in which they were made."""
        return [_review(row) for row in self._database.rows(f"{_REVIEW} ORDER BY number")]

    def last_review(self, subject: str) -> KeptReview | None:
        """The decision about a subject that was made last; None if none is kept."""
        query = f"{_REVIEW} WHERE subject = ? ORDER BY number DESC LIMIT 1"
        rows = self._database.rows(query, [subject])
        return _review(rows[0]) if rows else None

    def say(self, said: KeptAnnotation) -> None:
        """Keep an annotation; the same one again changes nothing."""
        self.say_all([said])

    def say_all(self, said: Iterable[KeptAnnotation]) -> None:
        """Keep several annotations, all or none."""
        with self._database.transaction() as db:
            for one in said:
                _insert_annotation(db, one)

    def decide(
        self, subject: str, decide: Callable[[KeptReview | None], KeptReview], better: KeptAnnotation | None
    ) -> KeptReview:
        """Keep a decision together with the annotation that amends, as one.

        Args:
            subject: What it is about.
            decide: Gives the decision, given the last one that is kept; nobody decides in between.
            better: What amends it, if it is new.
        """
        with self._database.transaction() as db:
            query = f"{_REVIEW} WHERE subject = ? ORDER BY number DESC LIMIT 1"
            row = db.execute(query, [subject]).fetchone()
            made = decide(_review(row) if row else None)
            if better is not None:
                _insert_annotation(db, better)
            db.execute(
                "INSERT INTO review (subject, image, decision, agent, reviewed, note, replacement) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [made.subject, made.image.raw, made.decision, made.agent, made.reviewed, made.note,
                 None if made.replacement is None else made.replacement.raw],
            )  # fmt: skip
        return made

    def forget(self, annotations: Iterable[Digest], reviews: Iterable[int]) -> None:
        """Let go of what stands in the log now, or is about an image that was withdrawn."""
        with self._database.transaction() as db:
            db.executemany("DELETE FROM annotation WHERE name = ?", [[name.raw] for name in annotations])
            db.executemany("DELETE FROM review WHERE number = ?", [[number] for number in reviews])


def _insert_annotation(db: Connection, said: KeptAnnotation) -> None:
    db.execute(
        "INSERT INTO annotation VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [said.name.raw, said.image.raw, said.agent, said.role.value, json.dumps(dict(said.content))],
    )


def _annotation(row: tuple[Any, ...]) -> KeptAnnotation:
    name, image, agent, role, content = row
    return KeptAnnotation(Digest(name), Digest(image), agent, Role(role), tuple(json.loads(content).items()))


def _review(row: tuple[Any, ...]) -> KeptReview:
    number, subject, image, decision, agent, reviewed, note, replacement = row
    named = None if replacement is None else Digest(replacement)
    return KeptReview(subject, Digest(image), decision, agent, reviewed, note, named, number)
