"""What changed in a source: following the deltas gives what the source says now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.delta import delta
from manifests.errors import ManifestError
from manifests.schema import TableSchema
from manifests.tables import CAPTURE, MEDIA, QUARANTINE, RECORD, SPECIMEN

Row = Mapping[str, str | None]
Said = tuple[str | None, ...]


class Source:
    """A source's rows over several crawls, followed as an index follows them."""

    def __init__(self, schema: TableSchema, folder: Path) -> None:
        self.schema = schema
        self.folder = folder
        self.connection = duckdb.connect()
        columns = ", ".join(f'"{name}" VARCHAR' for name in schema.names)
        self.connection.execute(f"CREATE TABLE followed (rowUri VARCHAR, {columns})")
        self.crawls = 0

    def crawl(self, rows: Sequence[Row], files: int = 1) -> list[dict[str, str | None]]:
        """Compare the rows with the current ones, follow the delta, and return it."""
        self.crawls += 1
        staged = []
        for number in range(files):
            staged.append(self.folder / f"{self.crawls}-{number}.parquet")
            part = rows[number * len(rows) // files : (number + 1) * len(rows) // files]
            pq.write_table(pa.Table.from_pylist(list(part), schema=self.schema.arrow), staged[-1])
        batches = delta(self.connection, self.schema, "followed", staged)
        changes: list[dict[str, str | None]] = [row for batch in batches for row in batch.to_pylist()]
        for row in changes:
            if row["revisionOf"]:
                self.connection.execute("DELETE FROM followed WHERE rowUri = ?", [row["revisionOf"]])
        names = ", ".join(f'"{name}"' for name in self.schema.names)
        for number, row in enumerate(changes, 1):
            if row["change"] != "removed":
                self.connection.execute(
                    f"INSERT INTO followed (rowUri, {names}) VALUES (?{', ?' * len(self.schema.names)})",
                    [f"hash://sha256/{self.crawls:064x}#row={number}", *row.values()],
                )
        return changes

    def current(self) -> Counter[Said]:
        """What the followed rows say, whatever is said about them."""
        names = ", ".join(f'"{name}"' for name in self.schema.names)
        found = self.connection.execute(f"SELECT {names} FROM followed").fetchall()
        return said(self.schema, [dict(zip(self.schema.names, row, strict=True)) for row in found])


def said(schema: TableSchema, rows: Sequence[Row]) -> Counter[Said]:
    apart = {"sourceRow", "change", "revisionOf", "salt"}
    return Counter(tuple(row.get(name) for name in schema.names if name not in apart) for row in rows)


@pytest.fixture
def media(tmp_path: Path) -> Source:
    return Source(MEDIA, tmp_path)


# Few values, so that keys and contents collide all the time.
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "file": st.sampled_from(["a.txt", "b.txt"]),
            "id": st.sampled_from([None, "", "1", "2"]),
            "identifier": st.sampled_from([None, "http://x/1"]),
            "title": st.sampled_from([None, "", "t", "é"]),
            "sourceRow": st.sampled_from(["L1", "L2"]),
            "verbatim": st.sampled_from([None, '{"a":"b"}']),
        }
    ),
    max_size=9,
)


@settings(max_examples=8, deadline=None)
@given(crawls=st.lists(ROWS, min_size=1, max_size=4), files=st.integers(1, 2))
def test_following_the_deltas_gives_the_rows_of_the_last_crawl(
    crawls: list[list[Row]], files: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = Source(MEDIA, tmp_path_factory.mktemp("crawls"))
    for rows in crawls:
        changes = source.crawl(rows, files)
        assert source.current() == said(MEDIA, rows)
        replaced = [row["revisionOf"] for row in changes if row["revisionOf"]]
        assert len(set(replaced)) == len(replaced)
        assert all(bool(row["revisionOf"]) == (row["change"] != "added") for row in changes)
        assert source.crawl(rows, files) == [], "the same rows again are no change"


def row(id: str | None, title: str = "t", uri: str | None = None, line: int = 1) -> Row:
    return {"file": "media.txt", "id": id, "title": title, "accessURI": uri, "sourceRow": f"L{line}"}


def test_the_first_crawl_adds_every_row_in_its_order(media: Source) -> None:
    changes = media.crawl([row("2"), row("1"), row("3")])
    assert [(change["id"], change["change"], change["revisionOf"]) for change in changes] == [
        ("2", "added", None),
        ("1", "added", None),
        ("3", "added", None),
    ]


def test_a_row_that_moved_to_another_line_has_not_changed(media: Source) -> None:
    media.crawl([row("1", line=2), row("2", line=3)])
    assert media.crawl([row("2", line=2), row("1", line=3)]) == []


def test_a_changed_row_names_the_row_that_it_replaces(media: Source) -> None:
    media.crawl([row("1"), row("2")])
    (change,) = media.crawl([row("1"), row("2", "new title")])
    assert (change["change"], change["title"]) == ("changed", "new title")
    assert change["revisionOf"] == f"hash://sha256/{1:064x}#row=2"


def test_a_removed_row_carries_its_previous_values(media: Source) -> None:
    media.crawl([row("1", "old title", line=7), row("2")])
    (change,) = media.crawl([row("2")])
    assert (change["change"], change["title"], change["sourceRow"]) == ("removed", "old title", "L7")
    assert change["revisionOf"] == f"hash://sha256/{1:064x}#row=1"


def test_a_medium_put_in_before_others_of_its_specimen_changes_none_of_them(media: Source) -> None:
    media.crawl([row("1", "a", "http://x/a"), row("1", "b", "http://x/b")])
    changes = media.crawl(
        [row("1", "new", "http://x/new"), row("1", "a", "http://x/a"), row("1", "b", "http://x/b")]
    )
    assert [(change["change"], change["title"]) for change in changes] == [("added", "new")]


def test_media_without_an_address_are_paired_in_order(media: Source) -> None:
    media.crawl([row("1", "a"), row("1", "b"), row("1", "c")])
    changes = media.crawl([row("1", "b"), row("1", "z")])
    assert [(change["change"], change["title"]) for change in changes] == [("changed", "z"), ("removed", "c")]


def test_rows_without_an_id_are_added_or_removed_but_never_changed(media: Source) -> None:
    media.crawl([row(None, "a"), row(None, "b")])
    changes = media.crawl([row(None, "a"), row(None, "c")])
    assert [(change["change"], change["title"]) for change in changes] == [("added", "c"), ("removed", "b")]


def test_one_copy_of_several_equal_rows_can_come_or_go(media: Source) -> None:
    media.crawl([row("1"), row("1"), row("1")])
    assert [change["change"] for change in media.crawl([row("1"), row("1")])] == ["removed"]
    assert [change["change"] for change in media.crawl([row("1"), row("1"), row("1")])] == ["added"]


def test_null_and_an_empty_string_are_different(media: Source) -> None:
    media.crawl([{"file": "m", "id": "1", "title": None}])
    assert [change["change"] for change in media.crawl([{"file": "m", "id": "1", "title": ""}])] == [
        "changed"
    ]


def test_values_that_run_into_one_another_are_different(media: Source) -> None:
    media.crawl([{"file": "m", "id": "1", "title": "ab", "description": "c"}])
    (change,) = media.crawl([{"file": "m", "id": "1", "title": "a", "description": "bc"}])
    assert change["change"] == "changed"


def test_a_source_that_became_empty_loses_every_row(media: Source) -> None:
    media.crawl([row("1"), row("2")])
    assert [change["change"] for change in media.crawl([], files=0)] == ["removed", "removed"]
    assert not media.current()


@pytest.mark.parametrize("schema", [SPECIMEN, RECORD], ids=["specimen", "record"])
def test_other_tables_are_compared_too(schema: TableSchema, tmp_path: Path) -> None:
    source = Source(schema, tmp_path)
    source.crawl([{"file": "f", "id": "1"}, {"file": "f", "id": "2"}])
    changes = source.crawl([{"file": "f", "id": "2", "verbatim": '{"a":"b"}'}, {"file": "f", "id": "3"}])
    assert [(change["id"], change["change"]) for change in changes] == [
        ("2", "changed"),
        ("3", "added"),
        ("1", "removed"),
    ]


@pytest.mark.parametrize("schema", [CAPTURE, QUARANTINE], ids=["capture", "quarantine"])
def test_tables_of_events_have_no_delta(schema: TableSchema) -> None:
    with pytest.raises(ManifestError, match="do not change"):
        list(delta(duckdb.connect(), schema, "followed", []))


def test_what_duckdb_cannot_read_ends_in_our_error(media: Source, tmp_path: Path) -> None:
    (tmp_path / "it's broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(ManifestError, match="could not be compared"):
        list(delta(media.connection, MEDIA, "followed", [tmp_path / "it's broken.parquet"]))
