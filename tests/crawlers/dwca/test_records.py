"""The careful reader: every line in exactly one record, whatever the bytes; and broken lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.dwca.dialect import Cut
from crawlers.dwca.limits import Limits
from crawlers.dwca.lines import physical_lines
from crawlers.dwca.records import Record, Trouble, read_records

LIMITS = Limits(max_line=200, max_field=50, max_columns=30)
CUTS = st.builds(
    Cut,
    encoding=st.sampled_from([None, "UTF-8", "windows-1252", "no such encoding"]),
    delimiter=st.sampled_from([",", "\t"]),
    quote=st.sampled_from(["", '"']),
    terminator=st.sampled_from(["\n", "\r\n", "\r"]),
    header_lines=st.just(0),
)
PIECES = st.lists(
    st.sampled_from([b"a", b",", b"\t", b'"', b"\n", b"\r\n", b"\r", b"\xe9", b"\x81", b"x" * 60])
)


def read(data: bytes, cut: Cut, limits: Limits = LIMITS) -> list[Record]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.txt"
        path.write_bytes(data)
        return list(read_records(path, cut, limits))


def quoted_csv(encoding: str | None = "UTF-8", header_lines: int = 0) -> Cut:
    return Cut(encoding, ",", '"', "\n", header_lines)


def tsv(encoding: str | None = "UTF-8", terminator: str = "\n") -> Cut:
    return Cut(encoding, "\t", "", terminator, 0)


@settings(max_examples=300, deadline=None)
@given(PIECES, CUTS)
def test_every_physical_line_belongs_to_exactly_one_record(pieces: list[bytes], cut: Cut) -> None:
    data = b"".join(pieces)
    records = read(data, cut)
    taken = [line for record in records for line in range(record.first, record.last + 1)]
    assert taken == list(range(1, len(data.splitlines()) + 1))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 60))
def test_lines_put_together_are_the_file(data: bytes, longest: int) -> None:
    lines = list(physical_lines(io.BytesIO(data), 1 << 20))
    assert b"".join(line.raw for line in lines) == data
    assert [line.raw for line in lines] == data.splitlines(keepends=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text('a,"\n\r é', max_size=8), min_size=2, max_size=4), max_size=6))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    records = read(stream.getvalue().encode(), quoted_csv())
    assert [record.fields for record in records] == rows
    assert all(record.trouble is None for record in records)


def test_a_record_over_several_lines_names_its_first_and_last() -> None:
    records = read(b'a,"b\nc\r\nd"\ne,f\n', quoted_csv())
    assert [(r.first, r.last, r.fields) for r in records] == [(1, 3, ["a", "b\nc\r\nd"]), (4, 4, ["e", "f"])]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    records = read(b'1,a\n2,"b\n3,c\n4,d\n', quoted_csv())
    assert [(r.first, r.last, r.trouble, r.fields) for r in records] == [
        (1, 1, None, ["1", "a"]),
        (2, 2, Trouble.UNTERMINATED_QUOTE, []),
        (3, 3, None, ["3", "c"]),
        (4, 4, None, ["4", "d"]),
    ]


def test_an_open_quote_that_swallows_more_than_a_field_may_hold_is_let_go() -> None:
    tail = b"".join(b"%d,x\n" % i for i in range(100, 150))
    records = read(b'1,"b\n' + tail + b'end,"closed"\n', quoted_csv())
    assert records[0].trouble is Trouble.UNTERMINATED_QUOTE
    assert [r.fields[0] for r in records[1:]] == [*(str(i) for i in range(100, 150)), "end"]


def test_bytes_that_are_not_in_the_declared_encoding_are_guessed_line_by_line() -> None:
    records = read("é\tx\n".encode() + "é\ty\n".encode("cp1252"), tsv())
    assert [(r.fields, r.guessed) for r in records] == [(["é", "x"], False), (["é", "y"], True)]


def test_utf8_is_tried_where_the_declared_encoding_does_not_fit() -> None:
    # 0x81 stands for nothing in windows-1252, so the declared encoding cannot be the true one.
    records = read("Á\tx\n".encode(), tsv("windows-1252"))
    assert [(r.fields, r.guessed) for r in records] == [(["Á", "x"], True)]


def test_bytes_that_nothing_explains_are_set_aside_with_their_line() -> None:
    records = read(b"a\tb\n\xff\x81\tx\nc\td\n", tsv())
    assert [(r.first, r.trouble) for r in records] == [(1, None), (2, Trouble.UNDECODABLE), (3, None)]


def test_a_line_without_end_is_set_aside_without_filling_memory() -> None:
    records = read(b"a\tb\n" + b"x" * 3_000_000 + b"\nc\td\n", tsv(), Limits(max_line=1000))
    assert [(r.first, r.trouble) for r in records] == [(1, None), (2, Trouble.LINE_TOO_LONG), (3, None)]


def test_a_field_beyond_the_limit_is_set_aside() -> None:
    for cut in (quoted_csv(), Cut("UTF-8", ",", "", "\n", 0)):
        records = read(b"a,b\n1," + b"x" * 60 + b"\nc,d\n", cut)
        assert [r.trouble for r in records] == [None, Trouble.FIELD_TOO_LONG, None]


def test_too_many_fields_are_set_aside() -> None:
    assert [r.trouble for r in read(b"," * 40 + b"\n", quoted_csv())] == [Trouble.TOO_MANY_FIELDS]


def test_a_bare_carriage_return_in_a_value_adds_a_line_but_ends_no_record() -> None:
    records = read(b"a\tb\rc\nd\te\n", tsv())
    assert [(r.first, r.last, r.fields) for r in records] == [(1, 2, ["a", "b\rc"]), (3, 3, ["d", "e"])]


def test_lines_may_end_in_carriage_returns_alone() -> None:
    records = read(b"a\tb\rc\td\r", tsv(terminator="\r"))
    assert [(r.first, r.fields) for r in records] == [(1, ["a", "b"]), (2, ["c", "d"])]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_no_part_of_the_first_field(mark: bytes) -> None:
    assert read(mark + b"a\tb\n", tsv())[0].fields == ["a", "b"]


def test_header_lines_are_counted_as_records() -> None:
    records = read(b'"a\nb",c\n1,2\n', quoted_csv(header_lines=1))
    assert [(r.first, r.fields) for r in records] == [(3, ["1", "2"])]
