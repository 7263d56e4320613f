"""What a crawl says of doubtful rows, in rows, summary and statement; and rows of older schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.dwca import convert_archive
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.quality.interpreter import issue_counts
from manifests.quality.steps import interpreter
from manifests.schema import TableSchema
from manifests.segment import SegmentWriter, segment_batches
from manifests.tables import SPECIMEN, SUPERSEDED, TABLES
from manifests.tables.interpreted import INTERPRETED
from node.compose import Node
from provenance.statement import parse_statement

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_HEAD = (
    "occurrenceID,basisOfRecord,scientificName,country,decimalLatitude,decimalLongitude,eventDate,waterBody\n"
)
_GOOD = "s1,PreservedSpecimen,Quercus robur L.,Austria,47.30712,10.69145,1931-06-02,\n"
_BAD = "s2,PreservedSpecimen,Fagus sp.,Austria,10.69145,47.30712,someday,Plansee\n"


def rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return index.rows(query)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    path.write_text(_HEAD + _GOOD + _BAD)
    return path


def test_a_crawl_counts_doubtful_rows_in_its_summary_and_in_what_it_signs(
    fresh: Node, archive: Path, vasculum: Vasculum
) -> None:
    said = vasculum("--json", "--node", fresh.layout.root, "track", archive)
    flagged = {"NAME_INFORMAL": 1, "PRESUMED_SWAPPED_COORDINATE": 1, "RECORDED_DATE_INVALID": 1}
    assert said.summary["flagged"] == {"specimen": {**flagged, "SPECIMEN_URI_MISSING": 2}}
    statement = parse_statement(fresh.store.read(Digest.parse(said.summary["statement"])))
    counts = {one["qualityFlag"]: int(one["rows"]) for one in statement.document["qualityCount"]}
    assert counts == said.summary["flagged"]["specimen"]
    good, bad = rows(fresh, "SELECT * FROM specimen ORDER BY id")
    assert (good["interpretedName"], good["interpretedCountryCode"]) == ("Quercus robur", "AT")
    assert (bad["decimalLatitude"], bad["interpretedLatitude"]) == ("10.69145", "47.30712")
    assert (bad["eventDate"], bad["interpretedEventDate"]) == ("someday", None)


def test_a_crawl_tells_people_what_is_doubtful(fresh: Node, archive: Path, vasculum: Vasculum) -> None:
    said = vasculum("--node", fresh.layout.root, "track", archive)
    assert "Flagged:  specimen: 2 SPECIMEN_URI_MISSING, 1 NAME_INFORMAL, 1 PRESUMED" in said.out


def as_of(schema: TableSchema, row: dict[str, Any]) -> dict[str, Any]:
    """A row as an earlier version of the program would have written it."""
    late = {
        column.term: row[column.name]
        for column in SPECIMEN.columns
        if column.name not in (*schema.names, *INTERPRETED) and row[column.name] is not None
    }
    kept = {name: row[name] for name in schema.names}
    told = {**json.loads(row["verbatim"] or "{}"), **late}
    return {
        **kept,
        "verbatim": json.dumps(dict(sorted(told.items())), separators=(",", ":")) if told else None,
    }


@pytest.mark.parametrize(
    "old", [s for s in SUPERSEDED if s.name == "specimen"], ids=lambda s: f"v{s.version}"
)
def test_what_an_older_version_wrote_is_neither_lost_nor_news(
    fresh: Node, archive: Path, vasculum: Vasculum, old: TableSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node tracks with the older schema; then it is brought up to date, and the source adds a line."""
    with monkeypatch.context() as patch:
        from node.track import segments

        def write(self: Any, schema: TableSchema, batch: pa.RecordBatch) -> None:
            written = old if schema is SPECIMEN else schema
            if schema is SPECIMEN:
                batch = pa.RecordBatch.from_pylist(
                    [as_of(old, row) for row in batch.to_pylist()], schema=old.arrow
                )
            self._writer(written, AccessClass.PUBLIC).write(batch)

        patch.setattr(segments.TableWriters, "write_public", write)
        assert vasculum("--node", fresh.layout.root, "track", archive).code == 0
    first = rows(fresh, "SELECT * FROM specimen ORDER BY id")
    assert [row["interpretedName"] for row in first] == [None, None]
    assert "Plansee" in first[1]["verbatim"]
    archive.write_text(archive.read_text() + "s3,PreservedSpecimen,Abies alba,Austria,,,1931,Plansee\n")
    said = vasculum("--json", "--node", fresh.layout.root, "track", archive)
    assert said.summary["changes"] == {"specimen": {"added": 1}}
    current = rows(fresh, "SELECT id, waterBody, interpretedName FROM specimen WHERE current ORDER BY id")
    assert current[2] == {"id": "s3", "waterBody": "Plansee", "interpretedName": "Abies alba"}
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


@pytest.mark.parametrize("old", SUPERSEDED, ids=lambda schema: f"{schema.name}-v{schema.version}")
def test_segments_of_every_older_schema_are_read(fresh: Node, old: TableSchema) -> None:
    row = {"source": "museum", "salt": None}
    batch = pa.RecordBatch.from_pylist([row], schema=old.arrow)
    with SegmentWriter(fresh.store, old, AccessClass.PUBLIC) as writer:
        writer.write(batch)
        [(segment, sealed)] = writer.finish()
    fresh.store.commit([sealed])
    [found] = segment_batches(fresh.store.path(segment.digest), old)
    assert found.to_pylist()[0]["source"] == "museum"
    assert set(old.names) < set(TABLES[old.name].names)


def test_the_flags_of_a_real_collection_are_few(shared_data: Path, tmp_path: Path) -> None:
    """The bees of Santa Barbara; were a step to misread what is common, its code would be common."""
    folder = shared_data / "dwca" / "Big-Bee-Network+UCSB-IZC00012194"
    [archive] = [path for path in folder.rglob("*") if path.is_file()]
    convert_archive(archive, Digest.of(archive.read_bytes()), "bees", tmp_path)
    table = pq.read_table(tmp_path / "specimen.parquet").select(list(SPECIMEN.names)).cast(SPECIMEN.arrow)
    [batch] = table.combine_chunks().to_batches()
    counts = issue_counts(interpreter("2026-11-23").interpret(SPECIMEN, batch))
    assert counts.pop("SPECIMEN_URI_MISSING") == table.num_rows, "Symbiota gives UUIDs, and no addresses"
    assert sum(counts.values()) < table.num_rows / 10, counts
