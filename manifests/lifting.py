"""Rows of an older schema as they would be written today: terms that got a column leave `verbatim`.

Without this every row of a source would look changed at the first crawl after a schema has grown.
"""

import json
from collections.abc import Iterator

from manifests.schema import Column, TableSchema
from manifests.tables import SUPERSEDED
from manifests.terms import VASCULUM, aliases_of


def lifted_columns(schema: TableSchema, rows: str) -> str:
    """What stands behind SELECT to read all columns of a table in which rows of older schemas may stand.

    Args:
        schema: The newest schema of the table.
        rows: The name under which the statement knows the rows; they have all its columns.
    """
    late = {column.name: _keys(column) for column in _late(schema)}
    return ", ".join(_read(column.name, rows, late) for column in schema.columns)


def _late(schema: TableSchema) -> Iterator[Column]:
    """Published columns that some older version of the schema lacks."""
    older = [set(known.names) for known in SUPERSEDED if known.name == schema.name]
    for column in schema.columns:
        if not column.term.startswith(VASCULUM) and any(column.name not in names for names in older):
            yield column


def _keys(column: Column) -> tuple[str, ...]:
    return (column.term, *aliases_of(column.term))


def _read(name: str, rows: str, late: dict[str, tuple[str, ...]]) -> str:
    if name == "verbatim" and late:
        keys = [key for keys in late.values() for key in keys]
        rest = f"nullif(json_merge_patch({rows}.verbatim, {_text(json.dumps(dict.fromkeys(keys)))}), '{{}}')"
        return f'CASE WHEN {_holds(rows, keys)} THEN {rest} ELSE {rows}.verbatim END AS "verbatim"'
    if name not in late:
        return f'{rows}."{name}"'
    found = "".join(
        f""", json_extract_string({rows}.verbatim, {_text(f'$."{key}"')})""" for key in late[name]
    )
    lifted = f'coalesce({rows}."{name}"{found})'
    return f'CASE WHEN {_holds(rows, late[name])} THEN {lifted} ELSE {rows}."{name}" END AS "{name}"'


def _holds(rows: str, keys: list[str] | tuple[str, ...]) -> str:
    """Whether one of the keys may be there; taking JSON apart costs more than looking for a text."""
    return "(" + " OR ".join(f"""contains({rows}.verbatim, {_text(f'"{key}"')})""" for key in keys) + ")"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
