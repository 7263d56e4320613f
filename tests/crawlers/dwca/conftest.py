"""Archives drawn for the tests, and a look into the staged tables."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as pq
import pytest

from crawlers.dwca.convert import convert_here
from crawlers.dwca.limits import Limits
from crawlers.dwca.report import ConversionReport
from hashstore.digest import Digest

DWC = "http://rs.tdwg.org/dwc/terms/"
DCTERMS = "http://purl.org/dc/terms/"
TERMS = ("occurrenceID", "catalogNumber", "scientificName", "associatedMedia", "fieldNotes")

Row: TypeAlias = dict[str, Any]


@pytest.fixture(autouse=True)
def _field_limit_of_the_process() -> Iterator[None]:
    """Reading sets it, which harms nobody in a box of its own; here other tests follow."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


def part_of_meta(
    kind: str, file: str, row_type: str, terms: Sequence[str | None], attributes: str = "", defaults: str = ""
) -> str:
    """A <core> or <extension> with its id in column 0 and `terms` from column 1 on; None leaves a gap."""
    key = "id" if kind == "core" else "coreid"
    fields = "".join(f'<field index="{i}" term="{t}"/>' for i, t in enumerate(terms, 1) if t)
    standard = r'encoding="UTF-8" fieldsTerminatedBy="\t" linesTerminatedBy="\n" ignoreHeaderLines="1"'
    return (
        f'<{kind} {attributes or standard + " fieldsEnclosedBy=" + chr(39) * 2} rowType="{row_type}">'
        f'<files><location>{file}</location></files><{key} index="0"/>{fields}{defaults}</{kind}>'
    )


def meta_of(*parts: str, metadata: str = "eml.xml") -> bytes:
    """A whole meta.xml."""
    body = "".join(parts)
    return f'<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="{metadata}">{body}</archive>'.encode()


OCCURRENCE_CORE = part_of_meta("core", "occurrence.txt", DWC + "Occurrence", [DWC + t for t in TERMS])


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip with these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


@dataclass(frozen=True)
class Converted:
    """A report, and the rows of the staged tables."""

    report: ConversionReport
    out: Path
    digest: Digest | None = None
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """Rows of a staged table, without their NULLs."""
        rows = pq.read_table(self.out / f"{table}.parquet").to_pylist()
        return [{name: value for name, value in row.items() if value is not None} for row in rows]


Convert: TypeAlias = Callable[..., Converted]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Convert an archive given as its members (a zip is made of them) or as a path, in this process."""

    def run(archive: Mapping[str, bytes] | Path, *, fast: bool = True, **limits: int) -> Converted:
        if not isinstance(archive, Path):
            path = tmp_path / "archive.zip"
            path.write_bytes(zip_of(archive))
            archive = path
        out = tmp_path / "staging"
        digest = Digest.of(archive.read_bytes())
        report = convert_here(archive, digest, "museum", out, Limits(**limits), fast=fast)
        return Converted(report, out, digest)

    return run


@pytest.fixture
def occurrences(convert: Convert) -> Callable[..., Converted]:
    """Convert an occurrence core with these records (id and TERMS) under a header, tab-separated."""

    def run(*records: bytes, fast: bool = True) -> Converted:
        header = "\t".join(("id", *TERMS)).encode() + b"\n"
        return convert(
            {"meta.xml": meta_of(OCCURRENCE_CORE), "occurrence.txt": header + b"".join(records)}, fast=fast
        )

    return run


@pytest.fixture
def drawn() -> Drawn:
    """What the tests draw archives with."""
    return Drawn()


class Drawn:
    """The makers above, for tests that cannot import this file."""

    part = staticmethod(part_of_meta)
    meta = staticmethod(meta_of)
    zip = staticmethod(zip_of)
    core = OCCURRENCE_CORE
    header = "\t".join(("id", *TERMS)).encode() + b"\n"
    dwc = DWC
    dcterms = DCTERMS
