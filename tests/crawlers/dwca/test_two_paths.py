"""The fast and the careful reader are one contract: whatever both take, they turn into the same tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from crawlers.dwca.careful import convert_carefully, table_of_records
from crawlers.dwca.descriptor import DataFile, Dialect, Field
from crawlers.dwca.dialect import header_cells, settle
from crawlers.dwca.fast import convert_fast
from crawlers.dwca.job import Job, Outcome
from crawlers.dwca.limits import Limits
from crawlers.dwca.plan import plan_rows
from crawlers.dwca.records import Record
from crawlers.dwca.rows import clean, verbatim
from hashstore.canonical import canonical_json, parse_json
from manifests.terms import DWC

LIMITS = Limits(max_line=4096, max_field=64, max_columns=20)
FIELDS = (
    Field(1, DWC + "catalogNumber"),
    Field(2, DWC + "associatedMedia"),
    Field(3, DWC + "fieldNotes", "none"),
    Field(None, DWC + "country", "Peru"),
    Field(None, DWC + "rank", "x"),
)
DIALECTS = st.builds(
    Dialect,
    encoding=st.sampled_from(["UTF-8", None, "latin-1"]),
    delimiter=st.sampled_from([",", "\t", "|"]),
    quote=st.sampled_from(['"', "", "'"]),
    terminator=st.sampled_from(["\n", "\r\n", "\r"]),
    header_lines=st.integers(0, 2),
)
CALM = st.builds(
    Dialect,
    encoding=st.sampled_from(["UTF-8", None]),
    delimiter=st.sampled_from([",", "\t", "|"]),
    quote=st.sampled_from(['"', "", "'"]),
    terminator=st.sampled_from(["\n", "\r\n"]),
    header_lines=st.integers(0, 2),
)
TEXT = st.text("ab\"'\\,\t|\n é\x00\x1f;://http", max_size=12)
VALUES = st.one_of(TEXT, st.sampled_from(["https://a.org/1.jpg|http://b.org/2.jpg | x", "", "x"]))
BYTES = [b"a", b",", b'"', b"\n", b"\r\n", b"\r", b"x,y,z,w\n", b"\xc3\xa9", b"\xff"]


@contextmanager
def job_over(data: bytes, dialect: Dialect) -> Iterator[Job]:
    """A job over a file with these bytes, mapped to the specimen table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "occurrence.txt"
        path.write_bytes(data)
        cut = settle(dialect, path, path.name, LIMITS.max_line)
        file = DataFile((path.name,), DWC + "Occurrence", True, dialect, 0, FIELDS)
        header = header_cells(path, cut, LIMITS.max_line)
        plan = plan_rows(file, file.row_type, path.name, header)
        yield Job(path, cut, plan, "museum", "line:hash://sha256/" + "0" * 64 + "!/", Path(folder) / "part")


def tables(outcome: Outcome) -> dict[tuple[str, bool], pa.Table]:
    """The parts of an outcome, by table."""
    return {(part.table.name, part.derived): pq.read_table(part.path) for part in outcome.parts}


def check(data: bytes, dialect: Dialect) -> None:
    with job_over(data, dialect) as job:
        fast = convert_fast(job, LIMITS)
        event("fast" if fast else "careful")
        if fast is None:
            assert not list(job.out.parent.glob("part*"))
            return
        found = tables(fast)
        careful = convert_carefully(job, LIMITS)
        assert (fast.rows, fast.blank_lines, fast.quarantined) == (careful.rows, careful.blank_lines, ())
        assert careful.quarantined == ()
        expected = tables(careful)
        assert found.keys() == expected.keys()
        for key, table in expected.items():
            assert found[key].to_pylist() == table.to_pylist()
            assert found[key].schema.equals(table.schema)


@settings(max_examples=75, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=4, max_size=4), max_size=8), CALM, st.booleans())
def test_both_readers_agree_on_tables_that_are_well_made(
    rows: list[list[str]], dialect: Dialect, blank_at_end: bool
) -> None:
    records = [["id", "b", "c", "d"]] * dialect.header_lines + rows
    text = "".join(record_text(record, dialect) for record in records)
    check((text + "\n" * blank_at_end).encode(), dialect)


def record_text(fields: list[str], dialect: Dialect) -> str:
    """One record as a careful publisher writes it."""
    delimiter, quote = dialect.delimiter or ",", dialect.quote
    if quote:
        cells = [quote + field.replace(quote, quote * 2) + quote for field in fields]
    else:
        cells = [field.replace(delimiter, " ").replace("\n", " ") for field in fields]
    return delimiter.join(cells) + (dialect.terminator or "\n")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(BYTES)), DIALECTS)
@example([b'1,2,3,"open\n'], Dialect("UTF-8", ",", '"', "\n", 0))
@example([b'1,2,3,"a"b\n', b'1,2,3, "a"\n'], Dialect("UTF-8", ",", '"', "\n", 0))
@example([b"\xef\xbb\xbfa,b,c,d\n", b"\xef\xbb\xbf1,2,3,4\n"], Dialect("UTF-8", ",", '"', "\n", 1))
@example([b'a,b,c,d\n1,2,3,"4\n5"\n\n6,7,8,9\n\n'], Dialect("UTF-8", ",", '"', "\n", 1))
@example([b"1,2,3,4\n \n5,6,7,8\n"], Dialect("UTF-8", ",", '"', "\n", 0))
def test_both_readers_agree_on_any_bytes(pieces: list[bytes], dialect: Dialect) -> None:
    check(b"".join(pieces), dialect)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=4, max_size=7), min_size=1, max_size=5))
def test_the_column_at_a_time_and_the_row_at_a_time_write_the_same_verbatim(rows: list[list[str]]) -> None:
    with job_over(b"", Dialect("UTF-8", ",", '"', "\n", 0)) as job:
        records = [Record(clean(fields)[0], number, number) for number, fields in enumerate(rows, 1)]
        expected = [verbatim(record.fields, job.plan) for record in records]
        assert table_of_records(records, job).column("verbatim").to_pylist() == expected
        inside = [Record(record.fields[:4], record.first, record.last) for record in records]
        expected = [verbatim(record.fields, job.plan) for record in inside]
        assert table_of_records(inside, job).column("verbatim").to_pylist() == expected
        assert all(canonical_json(parse_json(text.encode())) == text.encode() for text in expected if text)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["1\t2\t3\t4", "1,2,3,4", '"1","2\n2","3","4"', '1,"a""b",,', ",,,"]), max_size=6
    )
)
def test_the_fast_reader_takes_what_is_regular(lines: list[str]) -> None:
    delimiter = "\t" if lines and "\t" in lines[0] else ","
    regular = [line for line in lines if ("\t" in line) == (delimiter == "\t")]
    data = "".join(line + "\n" for line in ["id,b,c,d".replace(",", delimiter), *regular]).encode()
    with job_over(data, Dialect("UTF-8", delimiter, '"', "\n", 1)) as job:
        outcome = convert_fast(job, LIMITS)
        assert outcome is not None
        assert outcome.rows == len(regular)


def test_a_record_beyond_the_first_block_has_its_own_line() -> None:
    lines = [b'%d,"a\nb",,note %d\n' % (i, i) for i in range(200_000)]
    with job_over(b"id,b,c,d\n" + b"".join(lines), Dialect("UTF-8", ",", '"', "\n", 1)) as job:
        outcome = convert_fast(job, LIMITS)
        assert outcome is not None
        rows = tables(outcome)["specimen", False]
        assert rows.num_rows == 200_000
        for number in (0, 99_999, 199_999):
            first = 2 + 2 * number
            assert rows["sourceRow"][number].as_py().endswith(f"!/L{first}-L{first + 1}")
            assert rows["id"][number].as_py() == str(number)
