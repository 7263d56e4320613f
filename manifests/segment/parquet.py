"""How a segment lies in Parquet: the one set of options, the footer's labels, and errors made ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CannotRead, DamagedSegment
from manifests.schema import TableSchema
from manifests.segment.value import FORMAT_VERSION

SegmentFile = Path | BinaryIO

# Nearly every row has its own value in these, so that a dictionary would cost time and space.
_DISTINCT = frozenset(
    {"sourceRow", "id", "occurrenceID", "catalogNumber", "decimalLatitude", "decimalLongitude", "locality"}
    | {"verbatim", "identifier", "accessURI", "references", "title", "url", "finalUrl", "digest", "salt"}
)

# A hostile footer cannot make the reader allocate more than this for its strings or lists.
_FOOTER_LIMIT = 64 * 2**20


def labels(schema: TableSchema) -> dict[bytes, bytes]:
    """The footer's key-value metadata: nothing that changes with the time, the place or the writer's run."""
    return {
        b"vasculum:format": FORMAT_VERSION.encode(),
        b"vasculum:schema": schema.digest.uri.encode(),
        b"vasculum:table": schema.name.encode(),
    }


def parquet_writer(sink: pa.NativeFile, schema: TableSchema) -> pq.ParquetWriter:
    """A writer whose output depends on rows and library version only."""
    writer = pq.ParquetWriter(
        sink,
        schema.arrow,
        compression="zstd",
        compression_level=1,
        version="2.6",
        store_schema=False,
        use_dictionary=[name for name in schema.names if name not in _DISTINCT],
    )
    writer.add_key_value_metadata(labels(schema))
    return writer


@contextmanager
def open_parquet(file: SegmentFile, schema: TableSchema) -> Iterator[pq.ParquetFile]:
    """Open a segment whose columns and labels are those of the schema.

    Raises:
        DamagedSegment: It is no Parquet, or not of this table, or what is in it cannot be decoded.
        CannotRead: This machine had not the memory, or its disk failed.
    """
    where = file if isinstance(file, Path) else "the segment"
    try:
        with pq.ParquetFile(
            file, thrift_string_size_limit=_FOOTER_LIMIT, thrift_container_size_limit=_FOOTER_LIMIT
        ) as parquet:
            _check_labels(parquet, schema, where)
            yield parquet
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        # Arrow's errors about what a file holds are OSErrors, too; only the system's have a number.
        ours = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None)
        kind = CannotRead if ours else DamagedSegment
        raise kind(f"{where} cannot be read as a segment of table {schema.name!r}: {error}") from error


def _check_labels(parquet: pq.ParquetFile, schema: TableSchema, where: Path | str) -> None:
    if not parquet.schema_arrow.remove_metadata().equals(schema.arrow):
        raise DamagedSegment(
            f"{where} has not the columns of table {schema.name!r} version {schema.version} "
            f"({schema.digest.uri}); it was written by another schema or is damaged"
        )
    metadata = parquet.metadata.metadata or {}
    for key, value in labels(schema).items():
        if metadata.get(key) != value:
            raise DamagedSegment(f"{where}: its label {key.decode()} is {metadata.get(key)!r}, not {value!r}")
