"""Segments: what is written is read, the root is the rows', and a damaged file is recognised."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.digest import Digest
from hashstore.errors import StoreFull
from hashstore.merkle import leaf_hash, merkle_root
from manifests.access import AccessClass
from manifests.errors import CannotRead, DamagedSegment, InvalidRow, ManifestError, UnknownSchema
from manifests.row import canonical_row
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter, check_segment, leaf_hashes, read_row, segment_batches
from manifests.segment.buffer import GROUP_ROWS, RowBuffer
from manifests.tables import MEDIA, RECORD

Row = Mapping[str, object]
MakeBatch = Callable[[TableSchema, Sequence[Row]], pa.RecordBatch]


def write(
    schema: TableSchema, batches: Sequence[pa.RecordBatch], max_rows: int = 500_000
) -> tuple[MemoryBlobStore, tuple[Segment, ...]]:
    store = MemoryBlobStore()
    with SegmentWriter(store, schema, AccessClass.PUBLIC, max_rows) as writer:
        for batch in batches:
            writer.write(batch)
        return store, writer.close()


def records(count: int) -> list[Row]:
    return [{"source": "museum", "id": str(n), "verbatim": f'{{"n":"{n}"}}'} for n in range(count)]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_and_the_root_is_that_of_its_canonical_rows(
    data: st.DataObject, everything: TableSchema, row_lists: st.SearchStrategy[list[Row]], batch: MakeBatch
) -> None:
    rows = data.draw(row_lists.filter(len))
    store, (segment,) = write(everything, [batch(everything, rows)])
    file = io.BytesIO(store.read(segment.digest))
    found = [row for part in segment_batches(file, everything) for row in part.to_pylist()]
    assert found == rows
    leaves = [leaf_hash(canonical_row(everything, row)) for row in rows]
    assert leaf_hashes(file, everything) == leaves
    assert segment.rows_root.raw == merkle_root(leaves)
    assert (segment.rows, segment.table, segment.schema) == (len(rows), "everything", everything.digest)


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(0, 70_000), max_size=6), max_rows=st.sampled_from([40_000, 500_000]))
def test_how_rows_are_cut_into_batches_changes_no_byte(
    cuts: list[int], max_rows: int, big_batch: pa.RecordBatch
) -> None:
    borders = [0, *sorted(cuts), big_batch.num_rows]
    pieces = [big_batch.slice(a, b - a) for a, b in pairwise(borders)]
    _, whole = write(RECORD, [big_batch], max_rows)
    _, cut = write(RECORD, pieces, max_rows)
    assert cut == whole


@pytest.fixture(scope="module")
def big_batch(batch: MakeBatch) -> pa.RecordBatch:
    return batch(RECORD, records(70_000))


def test_a_segment_ends_at_its_row_limit_and_the_next_begins(batch: MakeBatch) -> None:
    rows = records(25)
    store, segments = write(RECORD, [batch(RECORD, rows)], max_rows=10)
    assert [segment.rows for segment in segments] == [10, 10, 5]
    for segment in segments:
        check_segment(io.BytesIO(store.read(segment.digest)), segment)
    found = [
        row["id"]
        for segment in segments
        for part in segment_batches(io.BytesIO(store.read(segment.digest)), RECORD)
        for row in part.to_pylist()
    ]
    assert found == [row["id"] for row in rows]


def test_no_rows_make_no_segment() -> None:
    assert write(RECORD, [])[1] == ()


def test_very_long_rows_end_a_row_group_early_and_at_the_same_row(
    batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manifests.segment.buffer.GROUP_BYTES", 10_000)
    rows: list[Row] = [{"id": "x" * 999, "source": "m"} for _ in range(57)]
    whole = batch(RECORD, rows)
    store, (segment,) = write(RECORD, [whole])
    metadata = pq.ParquetFile(io.BytesIO(store.read(segment.digest))).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [10, 10, 10, 10, 10, 7]
    assert write(RECORD, [whole.slice(n, 3) for n in range(0, 57, 3)])[1] == (segment,)


def test_columns_may_come_in_any_order_and_any_string_type(batch: MakeBatch) -> None:
    rows = batch(RECORD, records(5))
    shuffled = pa.table({name: rows.column(name) for name in reversed(rows.schema.names)})
    views = shuffled.set_column(0, "salt", shuffled.column("salt").cast(pa.large_string()))
    encoded = views.set_column(
        views.schema.get_field_index("id"), "id", views.column("id").dictionary_encode()
    )
    with SegmentWriter(MemoryBlobStore(), RECORD, AccessClass.PUBLIC) as writer:
        writer.write(encoded)
        assert writer.close() == write(RECORD, [rows])[1]


def test_a_batch_of_other_columns_is_refused(batch: MakeBatch) -> None:
    rows = pa.table(batch(RECORD, records(2)))
    with SegmentWriter(MemoryBlobStore(), RECORD, AccessClass.PUBLIC) as writer:
        with pytest.raises(InvalidRow, match="missing: salt; unknown: none"):
            writer.write(rows.drop_columns(["salt"]))
        with pytest.raises(InvalidRow, match="missing: none; unknown: extra"):
            writer.write(rows.append_column("extra", pa.nulls(2)))
        with pytest.raises(InvalidRow, match="does not fit"):
            writer.write(rows.set_column(0, "source", pa.array([[1], [2]])))


def test_a_control_is_refused_with_its_row_in_the_segment_and_nothing_is_stored(batch: MakeBatch) -> None:
    store = MemoryBlobStore()
    rows = [*records(GROUP_ROWS + 5), {"id": "bell\x07"}]
    with SegmentWriter(store, RECORD, AccessClass.PUBLIC) as writer:
        writer.write(batch(RECORD, rows))
        with pytest.raises(InvalidRow, match=rf"row {GROUP_ROWS + 6}: column 'id'"):
            writer.close()
    assert list(store.digests()) == []


def test_finished_segments_wait_for_the_caller_to_commit_them(batch: MakeBatch) -> None:
    store = MemoryBlobStore()
    writer = SegmentWriter(store, RECORD, AccessClass.WITHHELD)
    writer.write(batch(RECORD, records(3)))
    ((segment, sealed),) = writer.finish()
    assert not store.contains(segment.digest)
    with pytest.raises(ManifestError, match="has ended"):
        writer.write(batch(RECORD, records(3)))
    store.commit([sealed])
    check_segment(io.BytesIO(store.read(segment.digest)), segment)
    assert segment.access is AccessClass.WITHHELD


def test_a_store_that_cannot_commit_ends_in_our_error(batch: MakeBatch) -> None:
    class FullStore(MemoryBlobStore):
        def commit(self, sealed: object) -> None:
            raise StoreFull("no room")

    with SegmentWriter(FullStore(), RECORD, AccessClass.PUBLIC) as writer:
        writer.write(batch(RECORD, records(3)))
        with pytest.raises(ManifestError, match="could not be stored: no room"):
            writer.close()


@pytest.mark.parametrize("writes", [0, 1, 5])
def test_a_store_that_fills_up_while_a_segment_is_written_ends_in_our_error(
    writes: int, batch: MakeBatch
) -> None:
    class NoRoom:
        left = writes
        discarded = False

        def write(self, chunk: object) -> None:
            self.left -= 1
            if self.left < 0:
                raise StoreFull("no room")

        def seal(self) -> object:
            raise AssertionError("nothing may be sealed")

        def discard(self) -> None:
            self.discarded = True

    staging = NoRoom()

    class FullStore(MemoryBlobStore):
        def stage(self) -> Any:
            return staging

    with pytest.raises(ManifestError, match="no room"):  # noqa: PT012, SIM117
        with SegmentWriter(FullStore(), RECORD, AccessClass.PUBLIC) as writer:
            writer.write(batch(RECORD, records(3)))
            writer.close()
    assert staging.discarded


@pytest.mark.parametrize("max_rows", [0, -1, 500_001])
def test_a_segment_cannot_be_asked_to_take_more_rows_than_the_format_allows(max_rows: int) -> None:
    with pytest.raises(ManifestError, match="1 to 500000 rows"):
        SegmentWriter(MemoryBlobStore(), RECORD, AccessClass.PUBLIC, max_rows)


def test_the_file_tells_its_table_and_nothing_of_its_making(batch: MakeBatch) -> None:
    store, (segment,) = write(RECORD, [batch(RECORD, records(3))])
    metadata = pq.ParquetFile(io.BytesIO(store.read(segment.digest))).metadata.metadata
    assert metadata == {
        b"vasculum:format": b"1",
        b"vasculum:schema": RECORD.digest.uri.encode(),
        b"vasculum:table": b"record",
    }


def test_each_row_is_read_by_its_index(batch: MakeBatch) -> None:
    rows = records(GROUP_ROWS + 10)
    store, (segment,) = write(RECORD, [batch(RECORD, rows)])
    file = io.BytesIO(store.read(segment.digest))
    for index in (0, 1, GROUP_ROWS - 1, GROUP_ROWS, len(rows) - 1):
        assert read_row(file, RECORD, index) == rows[index]
    for index in (-1, len(rows)):
        with pytest.raises(DamagedSegment, match="none with number"):
            read_row(file, RECORD, index)


@pytest.fixture(scope="module")
def made(batch: MakeBatch) -> tuple[bytes, Segment]:
    store, (segment,) = write(RECORD, [batch(RECORD, records(40))])
    return store.read(segment.digest), segment


class TestCheck:
    """A description that does not fit its file is refused."""

    def test_the_right_one_passes(self, made: tuple[bytes, Segment], tmp_path: Path) -> None:
        data, segment = made
        check_segment(io.BytesIO(data), segment)
        (tmp_path / "segment").write_bytes(data)
        check_segment(tmp_path / "segment", segment)

    def test_every_part_of_the_description_is_checked(self, made: tuple[bytes, Segment]) -> None:
        data, segment = made
        wrong = [
            (replace(segment, rows=39), "more than the 39"),
            (replace(segment, rows=41), "has 40 rows where"),
            (replace(segment, rows=0), "1 to 500000"),
            (replace(segment, rows_root=Digest(bytes(32))), "root"),
            (replace(segment, table="media"), "is a schema of 'record'"),
            (replace(segment, table="media", schema=MEDIA.digest), "has not the columns"),
        ]
        for description, words in wrong:
            with pytest.raises(DamagedSegment, match=words):
                check_segment(io.BytesIO(data), description)
        with pytest.raises(UnknownSchema):
            check_segment(io.BytesIO(data), replace(segment, schema=Digest(bytes(32))))

    def test_a_missing_file_is_named(self, made: tuple[bytes, Segment], tmp_path: Path) -> None:
        with pytest.raises(CannotRead, match="nowhere"):
            check_segment(tmp_path / "nowhere", made[1])

    def test_a_label_of_another_format_is_refused(self, made: tuple[bytes, Segment]) -> None:
        table = pq.read_table(io.BytesIO(made[0])).replace_schema_metadata({"vasculum:format": "2"})
        other = io.BytesIO()
        pq.write_table(table, other)
        with pytest.raises(DamagedSegment, match="vasculum:format"):
            check_segment(other, made[1])

    @settings(max_examples=50, deadline=None)
    @given(data=st.data())
    def test_a_flipped_byte_never_gives_other_rows_nor_a_foreign_error(
        self, data: st.DataObject, made: tuple[bytes, Segment]
    ) -> None:
        content, segment = made
        place = data.draw(st.integers(0, len(content) - 1))
        flipped = bytearray(content)
        flipped[place] ^= data.draw(st.integers(1, 255))
        self._check_hostile(bytes(flipped), segment)

    @settings(max_examples=50, deadline=None)
    @given(data=st.data())
    def test_a_cut_file_never_gives_other_rows_nor_a_foreign_error(
        self, data: st.DataObject, made: tuple[bytes, Segment]
    ) -> None:
        content, segment = made
        self._check_hostile(content[: data.draw(st.integers(0, len(content)))], segment)

    @staticmethod
    def _check_hostile(content: bytes, segment: Segment) -> None:
        """Bytes that no reader looks at may change; then the rows are still the right ones."""
        try:
            check_segment(io.BytesIO(content), segment)
        except ManifestError:
            return
        assert len(leaf_hashes(io.BytesIO(content), RECORD)) == segment.rows


def test_rows_that_weigh_little_but_nulls_never_pile_up(
    batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nulls and offsets count as memory, but not as text, so the two measures disagree here."""
    monkeypatch.setattr("manifests.segment.buffer.GROUP_BYTES", 1_000)
    buffer = RowBuffer(RECORD)
    for _ in range(5):
        buffer.add(pa.table(batch(RECORD, [{"id": "x"} for _ in range(30)])))
    assert buffer.take(500_000) is None
    taken = [group.num_rows for _ in range(4) if (group := buffer.take(40))]
    assert taken == [40, 40, 40]


def test_the_buffer_waits_for_a_whole_group(batch: MakeBatch) -> None:
    buffer = RowBuffer(RECORD)
    buffer.add(pa.table(batch(RECORD, records(10))))
    assert buffer.take(500_000) is None
    taken = [buffer.take(4), buffer.take(500_000, last=True), buffer.take(500_000, last=True)]
    assert [group and group.num_rows for group in taken] == [4, 6, None]
