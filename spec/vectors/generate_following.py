"""Write the vectors of what a follower makes of a log's leaves.

Run it as `python spec/vectors/generate_following.py`. Segments are withheld ones, whose files no follower
asks for, or gone: what rows have to do with their roots is in the vectors of segments.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.statement import Statement, issue
from provenance.statement.kinds import (
    Crawl,
    KeyChange,
    KeyRevocation,
    KeyRole,
    LogDescription,
    Withdrawal,
    key_commitment,
)
from provenance.statement.kinds.withdrawal import Reason

FOLDER = Path(__file__).parent
ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIRST, SECOND, THIRD, STRANGER, LOG = (SigningKey(bytes([n]) * 32) for n in range(1, 6))

Entry = tuple[bytes, str | None]
"""A leaf, and why it does not count once the whole log is here; None if it does, or is kept as unknown."""


class Told:
    """The log, leaf by leaf, with the statements that its leaves name."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.statements: list[Statement] = []

    def state(self, statement: Statement, why_not: str | None = None) -> Statement:
        """A statement's leaf."""
        if statement not in self.statements:
            self.statements.append(statement)
        self.entries.append((StatementLeaf(statement.digest).encode(), why_not))
        return statement

    def list(self, statement: Statement, segment: Segment, why_not: str | None = None) -> None:
        """A segment's leaf."""
        s = segment
        leaf = SegmentLeaf(statement.digest, s.digest, s.table, s.schema, s.rows, s.rows_root, s.access)
        self.entries.append((leaf.encode(), why_not))

    def raw(self, leaf: bytes, why_not: str | None = None) -> None:
        """Any other leaf."""
        self.entries.append((leaf, why_not))


def _iri(number: int) -> str:
    return f"urn:uuid:{number:08d}-0000-4000-8000-000000000000"


def _segment(number: int) -> Segment:
    name = b"%d" % number
    return Segment(
        Digest.of(name), "capture", Digest.of(b"a schema"), 3, Digest.of(b"root" + name), AccessClass.WITHHELD
    )


def _crawl(number: int, signer: SigningKey, *segments: Segment) -> Statement:
    made = Crawl(
        _iri(number), signer.public, ("vasculum", "0"), "https://museum.example/", "list", NOW, NOW,
        segments=segments,
    )  # fmt: skip
    return issue(made.document(), signer, NOW)


def _segments_and_strangers(told: Told) -> None:
    first = told.state(_crawl(1, FIRST, _segment(1), _segment(2)))
    told.list(first, _segment(1))
    told.list(first, replace(_segment(2), rows=4), "its statement describes it otherwise (12)")
    strange = told.state(_crawl(2, STRANGER, _segment(3)), "not signed by the log's own key (9)")
    told.list(strange, _segment(3), "it does not stand behind a statement that counts (11)")
    told.raw(canonical_json({"n": "1", "type": "later"}))
    told.raw(canonical_json({"of": "x" * 2_000, "type": "large"}), "it is too long (16)")
    told.state(first, "an earlier entry names it (10)")
    told.list(first, _segment(2), "it does not stand behind a statement that counts (11)")


def _runs(told: Told) -> None:
    listed = told.state(_crawl(3, FIRST, _segment(4), _segment(5)))
    told.list(listed, _segment(4))
    told.list(listed, _segment(4), "a leaf before it in the run names it (11)")
    told.list(listed, _segment(6), "its statement does not list it (12)")
    told.raw(canonical_json({"n": "2", "type": "later"}))
    told.list(listed, _segment(5), "another leaf ended the run (11)")
    gone = replace(_segment(8), access=AccessClass.PUBLIC)
    told.list(told.state(_crawl(10, FIRST, gone)), gone, "it is gone, and its own log withdraws it (17)")
    notice = Withdrawal(_iri(4), FIRST.public, NOW, (gone.digest.uri,), Reason.ERROR)
    told.state(issue(notice.document(), FIRST, NOW))


def _keys(told: Told) -> int:
    since = len(told.entries)
    stolen = told.state(_crawl(5, FIRST, _segment(7)), "its key was revoked back to here (21)")
    told.list(stolen, _segment(7), "likewise (21)")
    before = len(told.entries)
    change = KeyChange(
        _iri(6), ORIGIN, KeyRole.IDENTITY, FIRST.public, SECOND.public, NOW, key_commitment(THIRD.public)
    )
    told.state(issue(change.document(), FIRST, NOW, SECOND))
    revocation = KeyRevocation(_iri(7), ORIGIN, KeyRole.IDENTITY, FIRST.public, since, NOW)
    told.state(issue(revocation.document(), SECOND, NOW, THIRD))
    told.state(_crawl(8, FIRST), "not signed by the log's own key of then (9)")
    told.state(_crawl(9, SECOND))
    return before


def generate() -> str:
    """The text of the file."""
    told = Told()
    described = LogDescription(
        _iri(0), VerifierKey(ORIGIN, LOG.public), FIRST.public, "Museum of Examples", NOW,
        key_commitment(SECOND.public),
    )  # fmt: skip
    told.state(issue(described.document(), FIRST, NOW))
    _segments_and_strangers(told)
    _runs(told)
    before = _keys(told)
    document: dict[str, Any] = {
        "description": "A log's leaves, the statements they name, and which leaves are refused, with the "
        "rule of spec/following.md in brackets; and which are after fewer leaves, before the revocation.",
        "origin": ORIGIN,
        "logKey": str(VerifierKey(ORIGIN, LOG.public)),
        "leaves": [leaf.decode() for leaf, _ in told.entries],
        "statements": {each.digest.uri: each.raw.decode() for each in told.statements},
        "refused": {str(n): why for n, (_, why) in enumerate(told.entries) if why is not None},
        "refusedBefore": {
            "leaves": before,
            "refused": [n for n, (_, why) in enumerate(told.entries[: before - 2]) if why is not None],
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (FOLDER / "following.json").write_text(generate(), encoding="utf-8")
