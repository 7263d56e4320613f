"""Members as rows of Parquet, written group by group in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member

_TEXTS: Final = (
    "digest", "media_type", "license", "creator", "rights_holder", "attribution", "label", "media",
    "specimen",
)  # fmt: skip
_REGION: Final = pa.struct(
    [
        ("label", pa.string()),
        ("box", pa.list_(pa.int64())),
        ("polygon", pa.list_(pa.list_(pa.int64()))),
    ]
)
FIELDS: Final = (
    *(pa.field(name, pa.string()) for name in _TEXTS),
    pa.field("size", pa.int64()),
    pa.field("regions", pa.list_(_REGION)),
)
_INTEGERS: Final = {"dtype": "int64", "_type": "Value"}
FEATURES: Final[Mapping[str, Any]] = {
    **{name: {"dtype": "string", "_type": "Value"} for name in _TEXTS},
    "size": _INTEGERS,
    "regions": {
        "feature": {
            "label": {"dtype": "string", "_type": "Value"},
            "box": {"feature": _INTEGERS, "_type": "List"},
            "polygon": {"feature": {"feature": _INTEGERS, "_type": "List"}, "_type": "List"},
        },
        "_type": "List",
    },
}


def values(member: Member) -> dict[str, Any]:
    """The row of a member, without its bytes."""
    return {
        "digest": member.digest.uri,
        "size": member.size,
        **{name: getattr(member, name) for name in _TEXTS if name != "digest"},
        "regions": [
            {
                "label": region.label,
                "box": list(region.box) if region.box else None,
                "polygon": [list(corner) for corner in region.polygon],
            }
            for region in member.regions
        ],
    }


def parquet(
    schema: pa.Schema, features: Mapping[str, Any], groups: Iterable[list[dict[str, Any]]]
) -> Iterator[Chunk]:
    """A Parquet file, a row group for each list of rows; images do not get smaller, so nothing is compressed.

    Args:
        schema: Its columns.
        features: The same as Hugging Face names them.
        groups: The rows.
    """
    told = json.dumps({"info": {"features": dict(features)}}, sort_keys=True)
    written = _Written()
    with pq.ParquetWriter(
        pa.PythonFile(written, mode="w"),
        schema.with_metadata({"huggingface": told}),
        compression="none",
        use_dictionary=False,
        write_statistics=False,
    ) as writer:
        for group in groups:
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
            yield from written.taken()
    yield from written.taken()


class _Written:
    """A file that hands on what is written to it."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._place = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._place += len(part)
        return len(part)

    def taken(self) -> Iterator[bytes]:
        """What was written since this was asked last."""
        parts, self._parts = self._parts, []
        yield from parts

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """All of it is handed on anyway."""

    def close(self) -> None:
        """The iterator ends by itself."""
