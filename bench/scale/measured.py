"""What was measured, as a small file that is checked in beside the page (`spec/scale.json`)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

SPEC = Path(__file__).parents[2] / "spec"
FILE = SPEC / "scale.json"
PAGE = SPEC / "scale.md"


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one machine.

    Attributes:
        date: When they were measured, ISO 8601.
        machine: What kind of machine that was, and how busy.
        rows: How many rows the sizes were measured with.
        rows_of: What kind of rows those were.
        specimen_bytes: Of a specimen's row in a segment.
        media_bytes: Of a media row in a segment.
        capture_bytes: Of a capture's row in a segment.
        index_bytes: Of a row in the index, tables and look-up of blobs together.
        leaf_bytes: Of a log entry with its part of the tiles.
        statement_bytes: Of a crawl's statement.
        wire_ratio: Bytes on the wire at a first sync, of those of the segments.
        sync_rows: Rows a second that a follower takes in, index included.
        rebuild_rows: Rows a second at which the index is made anew.
        idle_bytes: Bytes on the wire when a followed log has nothing new.
        idle_cpu: CPU seconds of that.
        clone_bytes: Bytes a second from node to node, hashed and durable.
        hash_bytes: Bytes a second that one processor hashes.
        citation_bytes: Of a blob's bundle in a log of ten million leaves.
    """

    date: str
    machine: str
    rows: int
    rows_of: str
    specimen_bytes: float
    media_bytes: float
    capture_bytes: float
    index_bytes: float
    leaf_bytes: float
    statement_bytes: float
    wire_ratio: float
    sync_rows: float
    rebuild_rows: float
    idle_bytes: float
    idle_cpu: float
    clone_bytes: float
    hash_bytes: float
    citation_bytes: float

    def encode(self) -> str:
        """The file's text; figures to four digits, for more would only be noise."""
        document = {
            name: float(f"{value:.4g}") if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def decode(text: str) -> Measured:
        """Read the file.

        Raises:
            ValueError: If it has other figures than these.
        """
        document = json.loads(text)
        if set(document) != {field.name for field in fields(Measured)}:
            raise ValueError("spec/scale.json has other figures than this program: python -m bench scale")
        return Measured(**document)
