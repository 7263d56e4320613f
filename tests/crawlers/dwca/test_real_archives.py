"""Every real archive beside the project: taken whole, or refused in one clear line.

What python-dwca-reader counts, we count; what it cannot read, we may. Nothing is dropped: rows that landed
and records set aside add up to the records of each file, and a row's address leads back to its own bytes.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from dwca.read import DwCAReader

from crawlers.dwca import ArchiveRefused, ConversionReport
from crawlers.dwca.convert import convert_here
from hashstore.digest import Digest
from manifests.source_row import SourceRow

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "dwca"
LARGE = 300_000
# python-dwca-reader takes the first file of this spreadsheet for a table.
MISTAKEN = {"test.xlsx"}
NOT_ARCHIVES = (".xml", ".md", ".json", ".jsonl")


def archives() -> list[Path]:
    found = []
    for path in sorted(DATA.rglob("*")) if DATA.is_dir() else ():
        if path.is_dir():
            if (path / "meta.xml").exists():
                found.append(path)
        elif path.suffix not in NOT_ARCHIVES and not (path.parent / "meta.xml").exists():
            found.append(path)
    return found


def _case(path: Path) -> object:
    large = path.is_file() and path.stat().st_size > LARGE
    name = path.relative_to(DATA).as_posix()
    return pytest.param(path, id=f"{name[:20]}..{name[-40:]}", marks=[pytest.mark.slow] if large else [])


every_archive = pytest.mark.parametrize("archive", [_case(path) for path in archives()])


def digests_of(archive: Path) -> Digest | dict[str, Digest]:
    if archive.is_file():
        return Digest.of(archive.read_bytes())
    files = [path for path in archive.rglob("*") if path.is_file()]
    return {path.relative_to(archive).as_posix(): Digest.of(path.read_bytes()) for path in files}


def peer_counts(archive: Path) -> dict[str, int]:
    """Rows that python-dwca-reader counts, by file; files at which it stumbles are left out."""
    counts: dict[str, int] = {}
    if archive.name in MISTAKEN:
        return counts
    try:
        with DwCAReader(str(archive)) as reader:
            for file in (reader.core_file, *reader.extension_files):
                try:
                    counts[file.file_descriptor.file_location] = sum(1 for _ in file.iter_rows())
                except Exception:
                    continue
    except Exception:
        return {}
    return counts


def test_the_real_archives_are_here(shared_data: Path) -> None:
    assert len(archives()) > 100


@every_archive
def test_an_archive_is_taken_whole_or_refused_in_one_line(archive: Path, tmp_path: Path) -> None:
    peer = peer_counts(archive)
    report = _converted_or_refused(archive, tmp_path / "out")
    if isinstance(report, str):
        assert not peer, f"python-dwca-reader reads what we refuse: {report}"
        assert len(report.splitlines()) == 1
        return
    records = {file.file: file.records for file in report.files}
    assert {name: records[name] for name in peer} == peer
    _check_tables(report, tmp_path / "out")
    _check_addresses(archive, tmp_path / "out")


def _converted_or_refused(archive: Path, out: Path, *, fast: bool = True) -> ConversionReport | str:
    try:
        return convert_here(archive, digests_of(archive), "museum", out, fast=fast)
    except ArchiveRefused as refusal:
        return str(refusal)


def _check_tables(report: ConversionReport, out: Path) -> None:
    staged = {name: pq.read_metadata(out / f"{name}.parquet").num_rows for name in report.tables}
    assert staged == dict(report.tables)
    made = report.flags.get("associatedMedia", 0)
    landed = staged["specimen"] + staged["media"] + staged["record"] - made
    assert landed == sum(report.rows.values())
    assert staged["quarantine"] == sum(sum(codes.values()) for codes in report.quarantined.values())


def _check_addresses(archive: Path, out: Path) -> None:
    """Ten rows of each table lead to lines in which their own values stand."""
    for name in ("specimen", "media", "record"):
        table = pq.read_table(out / f"{name}.parquet")
        step = max(1, table.num_rows // 10)
        for row in table.to_pylist()[::step]:
            address = SourceRow.parse(row["sourceRow"])
            text = _resolve(archive, address)
            assert row["id"] is None or _squeezed(row["id"]) in text
            for value in _values(row):
                assert _squeezed(value) in text, (row["sourceRow"], value)


def _values(row: dict[str, str | None]) -> list[str]:
    names = ("scientificName", "catalogNumber", "locality", "identifier", "accessURI", "recordedBy")
    return [value for name in names if (value := row.get(name))]


def _squeezed(text: str) -> str:
    return "".join(text.replace('"', "").split())


def _resolve(archive: Path, address: SourceRow) -> str:
    """The text of the lines that an address names, found by an implementation of its own."""
    data = _bytes(archive, address)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").encode()
    lines = b"".join(islice(data.splitlines(keepends=True), address.first - 1, address.last))
    try:
        return _squeezed(lines.decode())
    except UnicodeDecodeError:
        return _squeezed(lines.decode("cp1252"))


def _bytes(archive: Path, address: SourceRow) -> bytes:
    if archive.is_dir():
        files = [path for path in archive.rglob("*") if path.is_file()]
        return next(data for path in files if Digest.of(data := path.read_bytes()) == address.file.digest)
    raw = archive.read_bytes()
    assert Digest.of(raw) == address.file.digest
    schemes = address.file.schemes
    if not schemes:
        return raw
    if schemes == ("gz",):
        return gzip.decompress(raw)
    (member,) = address.file.members
    if schemes == ("zip",):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return packed.read(member)
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        found = tar.extractfile(member)
        assert found is not None
        return found.read()


@pytest.mark.slow
@every_archive
def test_both_readers_stage_the_same_tables(archive: Path, tmp_path: Path) -> None:
    quick, careful = (
        _converted_or_refused(archive, tmp_path / str(fast), fast=fast) for fast in (True, False)
    )
    if isinstance(quick, str) or isinstance(careful, str):
        assert quick == careful
        return
    assert (quick.rows, quick.flags, quick.tables) == (careful.rows, careful.flags, careful.tables)
    for name in quick.tables:
        tables = [pq.read_table(tmp_path / str(fast) / f"{name}.parquet") for fast in (True, False)]
        assert tables[0].equals(tables[1])
