"""What several tests of tables share: a small table with every column type, and rows for it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from manifests.schema import Column, TableSchema
from manifests.terms import VASCULUM

Row = Mapping[str, object]

_TYPES = {"name": "string", "order": "string", "aa": "string", "count": "integer", "kept": "boolean"}
ALL_TYPES = TableSchema(
    "everything",
    1,
    tuple(
        Column(name, kind, VASCULUM + name, f"A column of type {kind}.")  # type: ignore[arg-type]
        for name, kind in (_TYPES | {"bytes": "digest", "zz": "json", "list": "json"}).items()
    ),
)

# Weighted towards what escaping gets wrong; no C0 controls, no surrogates.
_CHARACTERS = st.one_of(
    st.sampled_from("\"\\/\x7f\x80\x9f\u2028\u2029\ufeff\uffff\U0001f98b\U0010ffffé aA1'{}[]:,"),
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"]),
)
TEXT = st.text(_CHARACTERS, max_size=12)
_FLAT = st.one_of(st.lists(TEXT, max_size=4), st.dictionaries(TEXT, TEXT, max_size=4))
_NESTED = st.recursive(
    st.one_of(TEXT, st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
_JSON = st.one_of(_FLAT, _NESTED).map(lambda value: canonical_json(value).decode())
_VALUES: Mapping[str, st.SearchStrategy[object]] = {
    "string": TEXT,
    "integer": st.integers(-(2**53) + 1, 2**53 - 1),
    "boolean": st.booleans(),
    "digest": st.binary(min_size=32, max_size=32),
    "json": _JSON,
}


def rows_of(schema: TableSchema) -> st.SearchStrategy[Row]:
    """Rows that fit a schema, nulls included."""
    return st.fixed_dictionaries({c.name: st.none() | _VALUES[c.type] for c in schema.columns})


@pytest.fixture(scope="session")
def everything() -> TableSchema:
    """A table with a column of every type; some names sort before, some after one another's punctuation."""
    return ALL_TYPES


@pytest.fixture(scope="session")
def text() -> st.SearchStrategy[str]:
    """Texts that a canonical row can hold."""
    return TEXT


@pytest.fixture(scope="session")
def row_lists() -> st.SearchStrategy[list[Row]]:
    """Lists of rows for the table of every type."""
    return st.lists(rows_of(ALL_TYPES), max_size=12)


@pytest.fixture(scope="session")
def batch() -> Callable[[TableSchema, Sequence[Row]], pa.RecordBatch]:
    """Makes an Arrow batch of rows."""

    def make(schema: TableSchema, rows: Sequence[Row]) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([dict(row) for row in rows], schema=schema.arrow)

    return make


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; a test that needs it is skipped by name without it."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not there: {folder}")
    return folder
