"""Whether a whole batch fits its schema: a quick look at memory first, a slow one for the culprit after."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.errors import InvalidRow
from manifests.row import MAX_INTEGER, canonical_row
from manifests.schema import Column, TableSchema

_QUOTE, _BACKSLASH, _FIRST_PRINTABLE = 0x22, 0x5C, 0x20


def conform(schema: TableSchema, batch: pa.RecordBatch | pa.Table) -> pa.Table:
    """The batch in the schema's own Arrow types.

    Args:
        schema: The table's schema.
        batch: Exactly the schema's columns, in any order; strings in any of Arrow's string types.

    Raises:
        InvalidRow: A column is missing, unknown, or of another type.
    """
    given, wanted = set(batch.schema.names), set(schema.names)
    if given != wanted or len(batch.schema.names) != len(wanted):
        missing, unknown = sorted(wanted - given), sorted(given - wanted)
        raise InvalidRow(
            f"a batch for table {schema.name!r} must have exactly its columns; "
            f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        )
    table = pa.table(batch) if isinstance(batch, pa.RecordBatch) else batch
    table = table.select(list(schema.names)).replace_schema_metadata(None)
    if table.schema.equals(schema.arrow):
        return table
    try:
        return table.cast(schema.arrow)
    except (pa.ArrowException, ValueError) as error:
        raise InvalidRow(f"a batch does not fit table {schema.name!r}: {error}") from error


def check_values(schema: TableSchema, batch: pa.RecordBatch, first_row: int) -> frozenset[str]:
    """Refuse what a canonical row cannot hold; json columns are checked for controls and UTF-8 only.

    Args:
        schema: The table's schema.
        batch: Rows in the schema's own Arrow types.
        first_row: The number of the batch's first row in its segment, counted from 1, for messages.

    Returns:
        The names of the columns of which some value holds a quotation mark or a backslash.

    Raises:
        InvalidRow: Naming row and column.
    """
    try:
        batch.validate(full=True)
    except (pa.ArrowException, ValueError) as error:
        raise InvalidRow(f"rows from {first_row} of table {schema.name!r} are damaged: {error}") from error
    escaped = set()
    for column in schema.columns:
        values = batch.column(column.name)
        if column.type == "integer" and not _integers_fit(values):
            refuse_culprit(schema, column, batch, first_row)
        if column.type in ("string", "json"):
            characters = _characters(values)
            if characters.size and characters.min() < _FIRST_PRINTABLE:
                refuse_culprit(schema, column, batch, first_row)
            if (characters == _QUOTE).any() or (characters == _BACKSLASH).any():
                escaped.add(column.name)
    return frozenset(escaped)


def refuse_culprit(schema: TableSchema, column: Column, batch: pa.RecordBatch, first_row: int) -> None:
    """Look through one column value by value, after a quick look has found it suspicious.

    Raises:
        InvalidRow: For the first row whose value has no place in a canonical row. There may be none: the
            bytes behind a null can hold anything.
    """
    for offset, value in enumerate(batch.column(column.name).to_pylist()):
        try:
            canonical_row(schema, {column.name: value})
        except InvalidRow as error:
            raise InvalidRow(f"row {first_row + offset}: {error}") from None


def _integers_fit(values: pa.Array) -> bool:
    bounds = pc.min_max(values)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return low is None or (low >= -MAX_INTEGER and high <= MAX_INTEGER)


def _characters(values: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    """The bytes of all values of a string array, back to back, without a copy."""
    _, offsets, data = values.buffers()
    if not len(values) or data is None or not data.size:
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(data, np.uint8)[int(ends[0]) : int(ends[-1])]
