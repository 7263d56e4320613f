"""What was withdrawn since a generation was made is not found in it, while the next one is under way."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.index import Index

MOST_HIDDEN: Final = 100_000
_FILE: Final = "hidden.json"
_FINGERPRINT: Final = """
SELECT md5(string_agg(
    concat_ws(':', log, hex(digest), row), ',' ORDER BY log, digest, row
)) AS said FROM withdrawn
"""
_TARGETS: Final = "SELECT DISTINCT hex(digest) AS digest, row FROM withdrawn ORDER BY ALL LIMIT {most}"
# Whoever shows any of it: a record whose row, media row or image is taken back, in whichever log, or what is
# said of its image, is hidden whole. That may be more than was meant, until the next generation is made.
NUMBERS: Final = """
WITH fresh AS (
    SELECT unhex(unnest($digests::VARCHAR[])) AS digest, unnest($rows::BIGINT[]) AS row
    EXCEPT SELECT digest, row FROM withdrawn
),
places AS (
    SELECT s.table_name, s.log, s.log_index, f.row AS row FROM fresh f JOIN segment s ON s.segment = f.digest
)
SELECT number FROM unit u JOIN places p USING (log, log_index)
WHERE p.table_name = 'specimen' AND (p.row IS NULL OR p.row = u.row)
UNION SELECT number FROM medium m JOIN places p USING (log, log_index)
WHERE p.table_name = 'media' AND (p.row IS NULL OR p.row = m.row)
UNION SELECT number FROM image JOIN fresh USING (digest) WHERE fresh.row IS NULL
UNION SELECT number FROM sighting JOIN finding f USING (image)
JOIN places p USING (table_name, log, log_index)
WHERE p.row IS NULL OR p.row = f.row
"""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is withdrawn.

    Attributes:
        said: Its fingerprint.
        targets: Digests of segments and blobs in hexadecimal digits, each with a row or None for all of it;
            None if there are too many to be told.
    """

    said: str | None
    targets: tuple[tuple[str, int | None], ...] | None

    @property
    def digests(self) -> list[str]:
        """The digests alone, in order."""
        return [digest for digest, _ in self.targets or ()]

    @property
    def rows(self) -> list[int | None]:
        """The rows alone, in the same order."""
        return [row for _, row in self.targets or ()]


def withdrawn_now(index: Index) -> Hidden:
    """What is withdrawn, as the index knows it."""
    said = index.rows(_FINGERPRINT)[0]["said"]
    found = index.rows(_TARGETS.format(most=MOST_HIDDEN + 1))
    targets = tuple((row["digest"], row["row"]) for row in found)
    return Hidden(said, targets if len(targets) <= MOST_HIDDEN else None)


def hide(folder: Path, hidden: Hidden) -> None:
    """Say what must not be found; from then on it is not, by whoever opens a generation."""
    if told(folder) != hidden:
        fresh = folder / f"{_FILE}.new"
        fresh.write_text(json.dumps({"said": hidden.said, "targets": hidden.targets}), encoding="utf-8")
        os.replace(fresh, folder / _FILE)


def told(folder: Path) -> Hidden | None:
    """What must not be found; None if that was never said."""
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        targets = found["targets"]
        listed = None if targets is None else tuple((str(digest), row) for digest, row in targets)
        return Hidden(found["said"], listed)
    except (OSError, ValueError, KeyError, TypeError):
        return None
