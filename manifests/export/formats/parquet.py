"""Parquet: shards of rows with the images' bytes, in the form that Hugging Face `datasets` shows as images.

Source: the Hugging Face Hub's rules for Parquet datasets (`data/SPLIT-*.parquet`; the `huggingface` metadata
names the column `image`, a struct of bytes and path). The bytes of a Parquet file depend on the library that
writes it, so the exporter's version names that too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member
from manifests.export.classes import of_split, splits
from manifests.export.columnar import FEATURES, FIELDS, parquet, values
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import image_name, split_name
from manifests.export.reading import read_ahead
from manifests.export.sharding import shards

_IMAGE: Final = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SCHEMA: Final = pa.schema([pa.field("image", _IMAGE), *FIELDS])
_GROUP_BYTES: Final = 64 << 20
_GROUP_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Parquet:
    name: str = "parquet"
    version: str = f"1 (pyarrow {pa.__version__})"
    about: str = "Parquet shards with the images' bytes (Hugging Face datasets, DuckDB)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for split in splits(material):
            for number, shard in enumerate(shards(of_split(material, split))):
                path = f"data/{split_name(split)}-{number:05d}.parquet"
                yield Made(path, partial(_shard, material, shard))
        yield from companions(material)


EXPORTER = _Parquet()


def _shard(material: Material, members: Sequence[Member]) -> Iterator[Chunk]:
    features = {"image": {"_type": "Image"}, **FEATURES}
    return parquet(_SCHEMA, features, _groups(material, members))


def _groups(material: Material, members: Sequence[Member]) -> Iterator[list[dict[str, Any]]]:
    """Rows in groups that can be held in memory."""
    group: list[dict[str, Any]] = []
    held = 0
    copies = (Copy(member.digest.hex, member.digest, member.size) for member in members)
    for member, (_, chunks) in zip(members, read_ahead(material.open, copies), strict=True):
        image = {"bytes": b"".join(chunks), "path": image_name(member)}
        group.append({"image": image, **values(member)})
        held += member.size
        if held > _GROUP_BYTES or len(group) == _GROUP_ROWS:
            yield group
            group, held = [], 0
    if group:
        yield group
