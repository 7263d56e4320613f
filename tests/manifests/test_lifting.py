"""A row that was written before its terms had columns is the row that would be written today."""

import json
from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pytest

from manifests.lifting import lifted_columns
from manifests.schema import TableSchema
from manifests.tables import MEDIA, RECORD, SPECIMEN
from manifests.terms import AC, DWC

Row = Mapping[str, str | None]


def lifted(schema: TableSchema, row: Row) -> Row:
    known = pa.Table.from_pylist([row], schema=schema.arrow)
    connection = duckdb.connect()
    connection.register("known", known)
    found = connection.sql(f"SELECT {lifted_columns(schema, 'k')} FROM known k").to_arrow_table()
    assert found.schema.names == list(schema.names)
    return {name: value for name, value in found.to_pylist()[0].items() if value is not None}


@pytest.mark.parametrize(
    ("schema", "term", "column"),
    [
        (SPECIMEN, DWC + "waterBody", "waterBody"),
        (SPECIMEN, DWC + "formation", "formation"),
        (MEDIA, AC + "resourceCreationTechnique", "resourceCreationTechnique"),
    ],
)
def test_a_term_that_got_a_column_leaves_verbatim(schema: TableSchema, term: str, column: str) -> None:
    value = 'Lago "Maggiore" / ü \x7f \U0001f98b'
    both = {term: value, "urn:x:other": "é/"}
    before = {"id": "1", "verbatim": json.dumps(both, ensure_ascii=False, separators=(",", ":"))}
    assert lifted(schema, before) == {"id": "1", column: value, "verbatim": '{"urn:x:other":"é/"}'}


def test_of_verbatim_nothing_is_left_where_nothing_else_was_in_it() -> None:
    assert lifted(SPECIMEN, {"verbatim": json.dumps({DWC + "island": "Maui"})}) == {"island": "Maui"}


@pytest.mark.parametrize(
    ("schema", "row"),
    [
        (SPECIMEN, {"id": "1", "island": "Maui", "verbatim": '{"urn:x":"1"}'}),
        (SPECIMEN, {"verbatim": '{"urn:x":"http://rs.tdwg.org/dwc/terms/island"}'}),
        (RECORD, {"id": "1", "verbatim": '{"http://rs.tdwg.org/dwc/terms/island":"Maui"}'}),
    ],
)
def test_any_other_row_stays_as_it_is(schema: TableSchema, row: Row) -> None:
    assert lifted(schema, row) == row
