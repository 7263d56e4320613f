"""The condition that DuckDB evaluates holds for exactly the rows for which the reference does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.filter import matches, parse_filter
from manifests.filter.fields import FIELDS, Column
from manifests.filter.words import words_of
from manifests.tables import MEDIA, SPECIMEN
from node.index.ddl import quoted
from node.slices.columns import alias, compared
from node.slices.compile import chosen, compile_filter

COLUMNS = sorted({column for field in FIELDS.values() for column in field.columns})
# Whatever separates, folds, trims or composes somewhere: all kinds of spaces, both i, ß, Kelvin.
ODD = ["", " ", "a", "A", "b ", " a", "a b", "A  B", "a b c d e f g", "É", "é", "e\u0301", "İ", "ı", "ß",
       "SS", "K", "\u00a0a", "\u2003", "𝄞", "a\x7f", "%", "_", "'", "$filter0", "a.", "ﬀ",
       "a | B", "b a", "unknown", "A-b×c"]  # fmt: skip
texts = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))), max_size=4
)
dates = st.sampled_from(
    ["1998", "1998-05", "1998-05-17", "1999", "1997-12-31", "1998-05-17T08:40Z", "1998/1999", "1998-05-17/19",
     "1998-05-17/06-01", "1999/1998", "1998-05/19", "1998-05-17/1999", "98", "1998-13-40", "１９９８",
     " 1998 ", "1998-05-17Tx/1998-06", "1998T12", ""]
) | st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}(/[0-9]{2,4}(-[0-9]{2}){0,2})?", fullmatch=True)  # fmt: skip
coordinates = st.sampled_from(
    ["0", "0.5", "-0.5", "1", "+1.0", " 1 ", "90", "90.0000001", "180", "181", "1.", ".5", "1e1", "",
     "0.12345678", "-0.00000005", "0000", "１"]
) | st.integers(-3, 3).map(str)  # fmt: skip
DATES = {column.name for column in FIELDS["date"].columns}
PLACES = {column.name for column in FIELDS["place"].columns}
bounds = st.sampled_from(["1997", "1998", "1998-05", "1998-05-17", "1999", "1998-06-01"])


def _value(column: Column) -> st.SearchStrategy[str | None]:
    if column.name in DATES | PLACES:
        return st.none() | (dates if column.name in DATES else coordinates)
    return st.none() | texts


rows = st.fixed_dictionaries({}, optional={column: _value(column) for column in COLUMNS})
_asked = texts.filter(lambda text: text.strip(" ") != "" and "\x7f" not in text)
_fields = st.sampled_from([name for name, field in FIELDS.items() if "prefix" in field.operators])
_worded = st.sampled_from([name for name, field in FIELDS.items() if "match" in field.operators])
_there = st.sampled_from([name for name, field in FIELDS.items() if "exists" in field.operators])
_words = st.lists(st.sampled_from(["a", "b", "É", "é", "ß", "\u00a0", "a-b", "SE", "K"]), min_size=1).map(
    " ".join
).filter(lambda text: words_of(text) != ())  # fmt: skip
_degrees = st.sampled_from(["-90", "-1", "-0.5", "0", "0.0000001", "0.5", "1", "2", "90"])
_parallels = st.tuples(_degrees, _degrees).map(lambda pair: sorted(pair, key=float))
_corners = st.lists(st.lists(_degrees, min_size=2, max_size=2), min_size=3, max_size=6)
leaves = st.one_of(
    st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, _fields, _asked),
    st.builds(lambda f, v: {"in": {"field": f, "values": v}}, _fields, st.lists(_asked, max_size=20)),
    st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, _fields, _asked),
    st.builds(lambda f: {"exists": {"field": f}}, _there),
    st.builds(lambda f, v: {"match": {"field": f, "value": v}}, _worded, _words),
    st.builds(
        lambda w, p, e: {"box": {"field": "place", "west": w, "south": p[0], "east": e, "north": p[1]}},
        _degrees,
        _parallels,
        _degrees,
    ),
    st.builds(lambda c: {"polygon": {"field": "place", "corners": c}}, _corners),
    st.sampled_from(["unknown", "UNKNOWN "]).map(lambda v: {"eq": {"field": "license", "value": v}}),
    st.sampled_from(["a", "b"]).map(lambda v: {"in": {"field": "license", "values": ["Unknown", v]}}),
    st.builds(lambda a: {"range": {"field": "date", "from": a}}, bounds),
    st.builds(lambda b: {"range": {"field": "date", "to": b}}, bounds),
    st.builds(lambda a, b: {"range": {"field": "date", "from": a, "to": b}}, bounds, bounds),
    st.builds(lambda v: {"in": {"field": "date", "values": v}}, st.lists(bounds, max_size=4)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _select(tree: Any, source: str) -> tuple[str, dict[str, Any]]:
    compiled = compile_filter(parse_filter(json.dumps(tree)))
    unit = ", ".join(["number", *(f"{compared(c, c.table)} AS {alias(c)}" for c in sorted(compiled.columns))])
    query = (
        f"WITH unit AS (SELECT {unit} FROM {source}), {chosen(compiled, 'unit', 'number')} ORDER BY number"
    )
    return query, dict(compiled.parameters)


def _fill(database: duckdb.DuckDBPyConnection, given_rows: list[dict[Column, str | None]]) -> None:
    for table in ("media", "specimen"):
        names = [column.name for column in COLUMNS if column.table == table]
        columns = ", ".join(f"{quoted(name)} VARCHAR" for name in names)
        database.execute(f"CREATE OR REPLACE TEMP TABLE {table} (number INTEGER, {columns})")
        values = [
            [number, *(row.get(Column(table, name)) for name in names)]
            for number, row in enumerate(given_rows)
        ]
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * (len(names) + 1))})", values)


_both = given(trees, st.lists(rows, min_size=1, max_size=4))


@settings(max_examples=40)
@_both
def test_duckdb_and_the_reference_agree_on_every_row(
    database: duckdb.DuckDBPyConnection, tree: Any, given_rows: list[dict[Column, str | None]]
) -> None:
    _agree(database, tree, given_rows)


@pytest.mark.slow
@settings(max_examples=400)
@_both
def test_duckdb_and_the_reference_agree_on_every_row_of_many(
    database: duckdb.DuckDBPyConnection, tree: Any, given_rows: list[dict[Column, str | None]]
) -> None:
    _agree(database, tree, given_rows)


def _agree(
    database: duckdb.DuckDBPyConnection, tree: Any, given_rows: list[dict[Column, str | None]]
) -> None:
    _fill(database, given_rows)
    query, parameters = _select(tree, "media JOIN specimen USING (number)")
    found = [number for (number,) in database.execute(query, parameters).fetchall()]
    read = parse_filter(json.dumps(tree))
    expected = [
        number
        for number, row in enumerate(given_rows)
        if matches(
            read,
            specimen={column.name: value for column, value in row.items() if column.table == "specimen"},
            media={column.name: value for column, value in row.items() if column.table == "media"},
        )
    ]
    assert found == expected


@given(trees)
def test_no_text_of_a_filter_becomes_sql(tree: Any) -> None:
    """A tree of the same shape with other values gives the same SQL: the values are bound, all of them."""
    marked = json.loads(json.dumps(tree), object_hook=_marked)
    query, _ = _select(marked, "specimen")
    assert "zzmark" not in query
    assert (
        compile_filter(parse_filter(json.dumps(tree))).condition
        == compile_filter(parse_filter(json.dumps(marked))).condition
    )


def _marked(value: dict[str, Any]) -> dict[str, Any]:
    if "field" in value and value["field"] not in ("date", "place", "license"):
        if "value" in value:
            value["value"] = "zzmark'; DROP TABLE leaf; --"
        if "values" in value:
            value["values"] = [f"zzmark'{n}" for n, _ in enumerate(value["values"])]
    return value


def test_every_column_of_every_field_is_one_of_its_table() -> None:
    tables = {"media": MEDIA, "specimen": SPECIMEN}
    assert all(column.name in tables[column.table].names for column in COLUMNS)


def test_the_costliest_filters_are_answered_in_a_moment(database: duckdb.DuckDBPyConnection) -> None:
    wide = {"in": {"field": "taxon", "values": [f"q {n}" for n in range(400)]}}
    names = [f"{n:x}" for n in range(7000)]
    costly = [
        {"or": [wide] * 15},
        {"in": {"field": "taxon", "values": names}},
        {"and": [{"not": {"in": {"field": "taxon", "values": list("abcdefghijklmnop")}}}] * 127},
    ]
    columns = ", ".join(f"'x' || number AS {quoted(c.name)}" for c in COLUMNS if c.table == "specimen")
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE specimen AS SELECT number, {columns} FROM range(20000) t(number)"
    )
    for tree in costly:
        query, parameters = _select(tree, "specimen")
        begun = time.monotonic()
        database.execute(query, parameters).fetchall()
        assert time.monotonic() - begun < 5
