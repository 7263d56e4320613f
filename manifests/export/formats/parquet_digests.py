"""Parquet without bytes: one row for each member with its digest, to be fetched from any node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa

from hashstore.blobstore.interface import Chunk
from manifests.export.classes import of_split, splits
from manifests.export.columnar import FEATURES, FIELDS, parquet, values
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import File, Made
from manifests.export.names import split_name
from manifests.export.pictured import in_batches

_SCHEMA: Final = pa.schema(FIELDS)
_GROUP_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _ParquetDigests:
    name: str = "parquet-digests"
    version: str = f"1 (pyarrow {pa.__version__})"
    about: str = "Parquet with digests in the place of bytes (Hugging Face datasets, DuckDB)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for split in splits(material):
            yield Made(f"data/{split_name(split)}.parquet", partial(_rows, material, split))
        yield from companions(material)


EXPORTER = _ParquetDigests()


def _rows(material: Material, split: str | None) -> Iterator[Chunk]:
    return parquet(_SCHEMA, FEATURES, _groups(material, split))


def _groups(material: Material, split: str | None) -> Iterator[list[dict[str, Any]]]:
    for batch in in_batches(of_split(material, split), _GROUP_ROWS):
        yield [values(member) for member in batch]
