"""Row URIs that occur more than once: each is let through at its first time."""

from __future__ import annotations

from hashstore.digest import Digest
from manifests.row_uri import RowUri


class Seen:
    """Which rows were met. A row takes some 60 bytes; a segment's digest is kept once."""

    def __init__(self) -> None:
        self._segments: dict[Digest, int] = {}
        self._rows: set[int] = set()

    def first(self, uri: str | None) -> bool:
        """Whether this is a row, and met for the first time."""
        if uri is None:
            return False
        parsed = RowUri.parse(uri)
        number = self._segments.setdefault(parsed.segment, len(self._segments))
        key = number << 20 | parsed.row
        if key in self._rows:
            return False
        self._rows.add(key)
        return True
