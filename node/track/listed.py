"""Media rows of a list of addresses, as a staged Parquet file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.sources import ListedMedia
from hashstore.canonical import canonical_json
from manifests.tables import MEDIA

_BATCH = 10_000


def write_listed_media(path: Path, source: str, file: str, media: Sequence[ListedMedia]) -> None:
    """Write the rows of a list with exactly the media table's columns."""
    with pq.ParquetWriter(path, MEDIA.arrow, compression="zstd") as writer:
        rows = iter(media)
        while batch := [_row(source, file, item) for item in islice(rows, _BATCH)]:
            writer.write_batch(batch_of(batch, MEDIA.arrow))


def batch_of(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as dictionaries to a batch; a column that a row lacks is null."""
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


def _row(source: str, file: str, item: ListedMedia) -> dict[str, Any]:
    return {
        **dict(item.columns),
        "source": source,
        "sourceRow": item.source_row,
        "file": file,
        "change": "added",
        "flags": canonical_json(list(item.flags)).decode() if item.flags else None,
        "verbatim": canonical_json(dict(item.verbatim)).decode() if item.verbatim else None,
    }
