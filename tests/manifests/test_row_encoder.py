"""The batch encoder gives what the reference gives, byte for byte, and refuses what it refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.merkle import leaf_hash
from manifests.errors import InvalidRow
from manifests.row import canonical_row
from manifests.row_encoder import RowEncoder
from manifests.schema import TableSchema
from manifests.tables import TABLES

Row = Mapping[str, object]
MakeBatch = Callable[[TableSchema, Sequence[Row]], pa.RecordBatch]


@pytest.fixture(scope="module")
def encoder(everything: TableSchema) -> Iterator[RowEncoder]:
    made = RowEncoder(everything)
    yield made
    made.close()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_both_encoders_give_the_same_rows_and_leaf_hashes(
    data: st.DataObject,
    everything: TableSchema,
    row_lists: st.SearchStrategy[list[Row]],
    batch: MakeBatch,
    encoder: RowEncoder,
) -> None:
    rows = data.draw(row_lists)
    expected = [canonical_row(everything, row) for row in rows]
    made = batch(everything, rows)
    assert list(encoder.canonical_rows(made)) == expected
    assert encoder.leaf_hashes(made) == [leaf_hash(row) for row in expected]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_batch_in_the_middle_of_another_is_printed_as_itself(
    data: st.DataObject,
    everything: TableSchema,
    row_lists: st.SearchStrategy[list[Row]],
    batch: MakeBatch,
    encoder: RowEncoder,
) -> None:
    rows = data.draw(row_lists)
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    middle = batch(everything, rows).slice(start, stop - start)
    assert list(encoder.canonical_rows(middle)) == [
        canonical_row(everything, row) for row in rows[start:stop]
    ]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_columns_that_repeat_one_value_are_printed_in_every_row(
    data: st.DataObject,
    everything: TableSchema,
    row_lists: st.SearchStrategy[list[Row]],
    batch: MakeBatch,
    encoder: RowEncoder,
) -> None:
    for row in data.draw(row_lists)[:1]:
        assert (
            list(encoder.canonical_rows(batch(everything, [row] * 3))) == [canonical_row(everything, row)] * 3
        )


@pytest.mark.parametrize("schema", TABLES.values(), ids=lambda schema: schema.name)
def test_every_table_can_be_printed(schema: TableSchema, batch: MakeBatch) -> None:
    values: Mapping[str, object] = {
        "string": 'a "b" \\ c',
        "integer": 7,
        "boolean": True,
        "digest": bytes(32),
        "json": '{"a":"b"}',
    }
    full = {column.name: values[column.type] for column in schema.columns}
    rows: list[Row] = [full, {}, dict(list(full.items())[::2])]
    encoder = RowEncoder(schema)
    assert list(encoder.canonical_rows(batch(schema, rows))) == [canonical_row(schema, row) for row in rows]
    encoder.close()


def test_every_character_is_escaped_as_rfc_8785_escapes_it(
    everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    scalars = [chr(code) for code in range(0x20, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    texts = ["".join(scalars[start : start + 4096]) + '"' for start in range(0, len(scalars), 4096)]
    printed = encoder.canonical_rows(batch(everything, [{"name": text} for text in texts]))
    assert list(printed) == [rfc8785.dumps({"name": text}) for text in texts]


@pytest.mark.parametrize("control", [chr(code) for code in range(0x20)], ids=lambda c: f"U+{ord(c):04X}")
def test_a_control_is_refused_naming_row_and_column(
    control: str, everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    rows = [{"name": "fine"}, {"name": f"a{control}b"}]
    with pytest.raises(InvalidRow, match=r"row 12: column 'name'.*U\+00"):
        encoder.leaf_hashes(batch(everything, rows), first_row=11)
    with pytest.raises(InvalidRow, match="column 'name'"):
        canonical_row(everything, rows[1])


@pytest.mark.parametrize(
    "text",
    [
        '{"b":"1","a":"2"}',
        '{"a":"1","a":"2"}',
        '{"a": "1"}',
        '["a","b",]',
        "{",
        "",
        "[1.5]",
        "[9007199254740992]",
        r'["\u0041"]',
        r'["\/"]',
        r'["\n"]',
        r'{"\t":"a"}',
        r'["\ud800"]',
        '["a"] ',
        '{"\uffff":"1","\U0001f98b":"2"}',
        "NaN",
        "[" * 128 + "]" * 128,
        "[" * 5000 + "]" * 5000,
        "null ",
    ],
)
def test_json_that_is_not_canonical_is_refused_by_both(
    text: str, everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    rows = [{"zz": '{"a":"b"}'}, {"zz": text}]
    with pytest.raises(InvalidRow, match="row 2: column 'zz'"):
        encoder.leaf_hashes(batch(everything, rows))
    with pytest.raises(InvalidRow, match="column 'zz'"):
        canonical_row(everything, rows[1])


def test_names_are_ordered_by_utf_16_code_units_beyond_the_basic_plane(
    everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    row = {"zz": '{"\U0001f98b":"2","\uffff":"1"}'}
    assert list(encoder.canonical_rows(batch(everything, [row]))) == [canonical_row(everything, row)]


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_an_integer_that_json_readers_would_round_is_refused(
    value: int, everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    with pytest.raises(InvalidRow, match=r"row 1: column 'count'.*2\^53"):
        encoder.leaf_hashes(batch(everything, [{"count": value}]))


def test_bytes_that_are_no_utf_8_are_refused(everything: TableSchema, encoder: RowEncoder) -> None:
    for bad in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"):
        column = pa.array([bad], pa.binary()).view(pa.string())
        nulls = {f.name: pa.nulls(1, f.type) for f in everything.arrow}
        rows = pa.RecordBatch.from_arrays(list((nulls | {"name": column}).values()), schema=everything.arrow)
        with pytest.raises(InvalidRow, match="rows from 1"):
            encoder.leaf_hashes(rows)


def test_what_lies_behind_a_null_is_no_ones_business(everything: TableSchema, encoder: RowEncoder) -> None:
    hidden = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\x01a"), pa.py_buffer(b"\x02")
    )
    nulls = {f.name: pa.nulls(2, f.type) for f in everything.arrow}
    rows = pa.RecordBatch.from_arrays(list((nulls | {"name": hidden}).values()), schema=everything.arrow)
    assert list(encoder.canonical_rows(rows)) == [b"{}", b'{"name":"a"}']


def test_long_batches_are_printed_in_order(
    everything: TableSchema, batch: MakeBatch, encoder: RowEncoder
) -> None:
    rows: list[Row] = [{"name": str(number), "order": "same"} for number in range(70_000)]
    printed = list(encoder.canonical_rows(batch(everything, rows)))
    assert printed == [b'{"name":"%d","order":"same"}' % number for number in range(70_000)]
