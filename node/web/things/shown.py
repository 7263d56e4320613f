"""An image as it is shown beside a record: its bytes, and the rights that its media row tells of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.digest import Digest
from node.index import Index
from node.look.history import Row, rows_of
from node.policy import Principal, may_read

_LATEST: Final = """
SELECT coalesce(digest, lastKnown) AS digest, outcome, access FROM capture
WHERE log = ? AND source = ? AND url IN (?, ?) AND role = 'image'
ORDER BY log_index DESC, row DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose a picture is, and what may be done with it; None where the publisher does not say.

    Attributes:
        license: SPDX identifier.
        words: What the publisher wrote of it.
        page: Where that is explained.
        creator: Who made the picture.
        holder: Who holds the rights.
        attribution: How it asks to be named.
    """

    license: str | None
    words: str | None
    page: str | None
    creator: str | None
    holder: str | None
    attribution: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An image of a record.

    Attributes:
        digest: Its bytes; None if they were never received.
        title: What its publisher calls it.
        address: Where the publisher has it.
        row: The address of the media row.
        rights: Its rights.
    """

    digest: Digest | None
    title: str | None
    address: str | None
    row: str
    rights: Rights


def images_of(index: Index, specimen: Mapping[str, Any], principal: Principal) -> tuple[Shown, ...]:
    """The images that the media rows of a record tell of, in the publisher's order.

    Args:
        index: The open index.
        specimen: The record's row.
        principal: Who looks.
    """
    if not specimen["id"]:
        return ()
    where = "t.log = ? AND t.source = ? AND t.id = ? AND t.current"
    rows = rows_of(index, "media", where, [specimen["log"], specimen["source"], specimen["id"]])
    return tuple(_shown(index, rows, principal))


def _shown(index: Index, rows: tuple[Row, ...], principal: Principal) -> Iterator[Shown]:
    seen: set[Digest] = set()
    for row in rows:
        if not may_read(principal, row):
            continue
        address, other = _text(row, "accessURI"), _text(row, "identifier")
        capture = index.one(_LATEST, [row["log"], row["source"], address, other])
        digest = _digest(capture, principal)
        if digest is None or digest not in seen:
            yield Shown(digest, _text(row, "title"), address or other, row["rowUri"], rights_of(row))
        if digest is not None:
            seen.add(digest)


def _digest(capture: Mapping[str, Any] | None, principal: Principal) -> Digest | None:
    if capture is None or capture["digest"] is None or not may_read(principal, capture):
        return None
    return Digest(capture["digest"])


def rights_of(row: Row) -> Rights:
    """What a media row says of rights; those of the record are others."""
    return Rights(
        _text(row, "licenseSPDX"),
        _text(row, "usageTerms") or _text(row, "rights") or _text(row, "license"),
        _text(row, "webStatement"),
        _text(row, "creator"),
        _text(row, "rightsHolder") or _text(row, "owner"),
        _text(row, "attribution") or _text(row, "credit"),
    )


def _text(row: Row, column: str) -> str | None:
    return str(row.get(column) or "").strip() or None
