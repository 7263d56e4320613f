"""The canonical row: the one written form of a row, over which its hash is taken (spec/segments.md).

This is the reference, one row at a time. `manifests.row_encoder` gives the same bytes for whole batches.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import InvalidRow
from manifests.schema import ColumnType, TableSchema

MAX_INTEGER = 2**53 - 1
# C0 controls only: U+007F and the C1 controls are ordinary characters to RFC 8785, and so to us.
_CONTROLS = frozenset(map(chr, range(0x20)))


def canonical_row(schema: TableSchema, row: Mapping[str, object]) -> bytes:
    """The canonical form of a row: the RFC 8785 object of its columns that are not null.

    Args:
        schema: The row's table.
        row: Values by column name, as Arrow gives them: str, int, bool, 32 bytes (or a Digest) for a digest,
            canonical JSON text for a json column; None or absence for null.

    Returns:
        UTF-8 bytes without any C0 control.

    Raises:
        InvalidRow: A value does not fit its column, holds a C0 control or a lone surrogate, or has no column.
    """
    if unknown := row.keys() - set(schema.names):
        raise InvalidRow(f"table {schema.name!r} has no column {sorted(unknown)[0]!r}")
    members: dict[str, Json] = {}
    for column in schema.columns:
        value = row.get(column.name)
        if value is not None:
            try:
                members[column.name] = _READERS[column.type](value)
            except (InvalidRow, HashstoreError) as error:
                raise InvalidRow(f"column {column.name!r} of table {schema.name!r}: {error}") from None
    try:
        return canonical_json(members)
    except HashstoreError as error:
        raise InvalidRow(f"a row of table {schema.name!r} has no canonical form: {error}") from error


def json_value(text: str) -> Json:
    """The value of a json column, whose text must be its own canonical form and hold no C0 control.

    Raises:
        InvalidRow: The text is not canonical JSON, or a string in it holds a control.
    """
    try:
        value = parse_json(text.encode())
        # In a list, since the value will stand one level deeper in its row.
        canonical = canonical_json([value])[1:-1]
    except (HashstoreError, UnicodeEncodeError) as error:
        raise InvalidRow(f"not canonical JSON: {error}") from error
    if canonical != text.encode():
        raise InvalidRow("not canonical JSON (RFC 8785): members are out of order or written in another form")
    # Every control is escaped in canonical JSON, and a backslash starts every escape.
    if "\\" in text:
        _refuse_controls(value)
    return value


def string_value(value: object) -> str:
    """The value of a string column.

    Raises:
        InvalidRow: It is no string, or holds a C0 control or a lone surrogate.
    """
    if not isinstance(value, str):
        raise InvalidRow(f"{value!r} is no string")
    for position, character in enumerate(value):
        if character in _CONTROLS:
            raise InvalidRow(
                f"the control U+{ord(character):04X} stands at character {position + 1}; "
                "controls must be replaced by spaces before a row is written"
            )
        if "\ud800" <= character <= "\udfff":
            raise InvalidRow(f"half of a surrogate pair stands at character {position + 1}")
    return value


def _refuse_controls(value: Json) -> None:
    if isinstance(value, str):
        string_value(value)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            string_value(name)
            _refuse_controls(member)
    elif value is not None and not isinstance(value, int):
        for item in value:
            _refuse_controls(item)


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidRow(f"{value!r} is no integer")
    if abs(value) > MAX_INTEGER:
        raise InvalidRow(f"{value} is beyond 2^53 - 1, so that not every reader of JSON would keep it")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidRow(f"{value!r} is no boolean")
    return value


def _digest(value: object) -> str:
    if isinstance(value, Digest):
        return value.uri
    if isinstance(value, bytes) and len(value) == 32:
        return Digest(value).uri
    raise InvalidRow(f"{value!r} is no digest of 32 bytes")


_READERS: Mapping[ColumnType, Callable[[object], Json]] = MappingProxyType(
    {
        "string": string_value,
        "integer": _integer,
        "boolean": _boolean,
        "digest": _digest,
        "json": lambda value: json_value(string_value(value)),
    }
)
