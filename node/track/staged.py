"""What a crawl has gathered: the records of its sources, converted and waiting for the log."""

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


@dataclass(slots=True)
class Gathered:
    """What a crawl found before it looked at images.

    Attributes:
        staged: The sources whose records wait for the log.
        refused: Archives of a feed that could not be tracked, each with the reason.
        kind: What the place turned out to be: `dwca`, `feed`, `url_list` or `folder`.
    """

    kind: str = ""
    staged: list[StagedSource] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
