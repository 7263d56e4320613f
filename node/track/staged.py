"""The records of one source, converted and waiting for the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.eml import DatasetMetadata


@dataclass(frozen=True, slots=True)
class StagedSource:
    """What one archive or list of a crawl holds.

    Attributes:
        source: The source's name in every row.
        urls: The captured addresses whose bytes hold these records.
        folder: Parquet files `specimen`, `media`, `record`, `quarantine`; those that have no rows may lack.
            None when the source is unchanged since the last crawl.
        rows: Records by source file.
        quarantined: Records that could not land.
        metadata: What the source's EML says of it, if it has any.
    """

    source: str
    urls: tuple[str, ...]
    folder: Path | None
    rows: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    metadata: DatasetMetadata | None = None

    def table(self, name: str) -> Path | None:
        """The Parquet file of a table, if the source has rows for it."""
        if self.folder is None:
            return None
        path = self.folder / f"{name}.parquet"
        return path if path.is_file() else None
