"""How the fields of one data file become the columns of one table: worked out once, used by both readers."""

from dataclasses import dataclass

from crawlers.dwca.descriptor import DataFile, Field
from crawlers.dwca.terms import column_of, is_columns_own, table_of
from manifests.schema import TableSchema
from manifests.tables import SPECIMEN


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: a field by its index, and what stands in for an empty one."""

    index: int | None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class RowPlan:
    """Everything that turns fields into a row.

    `columns` pairs a table's column with its source, `verbatim` a key of the verbatim object; both in the
    order in which they are written, `verbatim` as RFC 8785 sorts keys. `width` is how many fields a record
    should have.
    """

    table: TableSchema
    file: str
    row_type: str
    core: bool
    width: int
    id_index: int | None
    columns: tuple[tuple[str, Source], ...]
    verbatim: tuple[tuple[str, Source], ...]
    media: Source | None


def utf16(key: str) -> bytes:
    """The sort key of RFC 8785: UTF-16 code units."""
    return key.encode("utf-16-be")


def beyond(index: int) -> str:
    """The verbatim key of a column that nothing names; `index` counts from 0, the key from 1."""
    return f"column:{index + 1}"


def plan_rows(data: DataFile, core_type: str, location: str, header: tuple[str, ...]) -> RowPlan:
    """Map a data file's fields, and its columns without a field, to a table."""
    table = table_of(data.row_type, core=data.core, core_type=core_type)
    columns: dict[str, Source] = {}
    rest: list[tuple[str, Source]] = []
    # The column's own term goes before an alias of it, a field with a column before a constant.
    ranked = sorted(data.fields, key=lambda field: _rank(field, table))
    for field in ranked:
        column = column_of(field.term, table)
        if column is None or column in columns:
            rest.append((field.term, Source(field.index, field.default)))
        else:
            columns[column] = Source(field.index, field.default)
    width = max(data.declared_width, len(header))
    rest += _unmapped(data, header, width)
    media = columns.get("associatedMedia") if table is SPECIMEN else None
    return RowPlan(
        table=table,
        file=location,
        row_type=data.row_type,
        core=data.core,
        width=width,
        id_index=data.id_index,
        columns=tuple((name, columns[name]) for name in table.names if name in columns),
        verbatim=_keyed(rest),
        media=media,
    )


def _rank(field: Field, table: TableSchema) -> tuple[bool, bool]:
    column = column_of(field.term, table)
    own = column is not None and is_columns_own(field.term, column, table)
    return (field.index is None, not own)


def _unmapped(data: DataFile, header: tuple[str, ...], width: int) -> list[tuple[str, Source]]:
    mapped = {field.index for field in data.fields} | {data.id_index}
    names = [header[i] if i < len(header) and header[i] else beyond(i) for i in range(width)]
    return [(names[i], Source(i)) for i in range(width) if i not in mapped]


def _keyed(rest: list[tuple[str, Source]]) -> tuple[tuple[str, Source], ...]:
    """One key for each source: a key that is taken already gives way to the column's number."""
    keyed: dict[str, Source] = {}
    for key, source in rest:
        key = " ".join(key.split()) or "column"
        if key in keyed or key.startswith("column:"):
            key = beyond(source.index) if source.index is not None else f"{key} (default)"
        keyed.setdefault(key, source)
    return tuple(sorted(keyed.items(), key=lambda item: utf16(item[0])))


__all__ = ["RowPlan", "Source", "beyond", "plan_rows", "utf16"]
