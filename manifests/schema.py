"""Table schemas: the columns of a table, what each means, and the digest that names them all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal

import pyarrow as pa

from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from manifests.errors import ManifestError
from manifests.terms import VASCULUM, aliases_of

ColumnType = Literal["string", "integer", "boolean", "digest", "json"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_ARROW_TYPES: Mapping[ColumnType, pa.DataType] = MappingProxyType(
    {
        "string": pa.string(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "digest": pa.binary(32),
        "json": pa.string(),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in tables and rows, its type, the IRI that defines it, and a plain sentence."""

    name: str
    type: ColumnType
    term: str
    about: str

    def __post_init__(self) -> None:
        # Names go into SQL and into canonical rows as they are, so they must need no escaping in either.
        if not _NAME.fullmatch(self.name):
            raise ManifestError(f"{self.name!r} is no column name: a letter, then ASCII letters and digits")


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table in the order in which Parquet stores them; see spec/segments.md."""

    name: str
    version: int
    columns: tuple[Column, ...]

    def document(self) -> Json:
        """The schema as JSON, complete enough for a stranger to read the table by it."""
        return {
            "type": f"{VASCULUM}TableSchema",
            "name": self.name,
            "version": self.version,
            "columns": [
                {"name": c.name, "type": c.type, "term": c.term, "about": c.about} for c in self.columns
            ],
        }

    @cached_property
    def digest(self) -> Digest:
        """The schema's name on the wire: SHA-256 of the canonical form (RFC 8785) of its document."""
        return Digest.of(canonical_json(self.document()))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in table order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def canonical_columns(self) -> tuple[Column, ...]:
        """Columns in the order in which RFC 8785 puts their names: by UTF-16 code units."""
        return tuple(sorted(self.columns, key=lambda column: column.name.encode("utf-16-be")))

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema, without metadata: string, int64, bool or 32 bytes, all nullable."""
        return pa.schema([pa.field(column.name, _ARROW_TYPES[column.type]) for column in self.columns])

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            ManifestError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ManifestError(f"table {self.name!r} has no column {name!r}; it has {', '.join(self.names)}")


def extends(newer: TableSchema, older: TableSchema) -> bool:
    """Whether `newer` only grows `older`: every old column is still in its place, with its type and term."""
    kept = newer.columns[: len(older.columns)]
    return newer.name == older.name and [(c.name, c.type, c.term) for c in kept] == [
        (c.name, c.type, c.term) for c in older.columns
    ]


@lru_cache(maxsize=64)
def columns_by_term(schema: TableSchema) -> Mapping[str, str]:
    """Which column takes the values of a published term: term IRI, its aliases included, to column name.

    Our own terms are left out, so that no archive can fill a column such as `change` by naming its IRI. Two
    terms of one file can lead to the same column; the column's own term wins then, and the other value
    belongs in `verbatim`.
    """
    published = {c.term: c.name for c in schema.columns if not c.term.startswith(VASCULUM)}
    aliases = {alias: name for term, name in published.items() for alias in aliases_of(term)}
    return MappingProxyType({**aliases, **published})
