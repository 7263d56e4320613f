"""What came of a conversion, as values that cross the box as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from crawlers.dwca.errors import ArchiveRefused
from crawlers.eml import DatasetMetadata
from hashstore.canonical import Json


@dataclass(frozen=True, slots=True)
class FileReport:
    """One data file: what was read from it, and by which reader (`fast` or `careful`)."""

    file: str
    row_type: str
    table: str
    rows: int
    quarantined: Mapping[str, int]
    blank_lines: int
    reader: str

    @property
    def records(self) -> int:
        """All records of the file: those that landed and those set aside."""
        return self.rows + sum(self.quarantined.values())


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """The whole archive.

    `tables` counts staged rows by table, media rows made from associatedMedia included. `metadata` is what
    the archive's metadata document (EML as a rule) says, `metadata_name` that document's name inside, and
    `metadata_fault` why it could not be read.
    """

    core_row_type: str
    files: tuple[FileReport, ...]
    tables: Mapping[str, int]
    flags: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    metadata_name: str | None = None
    metadata: DatasetMetadata | None = None
    metadata_fault: str | None = None
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows that landed, by source file as the archive names it."""
        counts: dict[str, int] = {}
        for file in self.files:
            counts[file.file] = counts.get(file.file, 0) + file.rows
        return MappingProxyType(counts)

    @property
    def quarantined(self) -> Mapping[str, Mapping[str, int]]:
        """Records set aside, by source file and code; files without any are left out."""
        return MappingProxyType({f.file: f.quarantined for f in self.files if f.quarantined})


def report_to_json(report: ConversionReport) -> dict[str, Json]:
    """The report as JSON; `report_from_json` is its inverse."""
    return {
        "coreRowType": report.core_row_type,
        "files": [
            {
                "file": f.file,
                "rowType": f.row_type,
                "table": f.table,
                "rows": f.rows,
                "quarantined": dict(f.quarantined),
                "blankLines": f.blank_lines,
                "reader": f.reader,
            }
            for f in report.files
        ],
        "tables": dict(report.tables),
        "flags": dict(report.flags),
        "warnings": list(report.warnings),
        "metadataName": report.metadata_name,
        "metadata": report.metadata.to_json() if report.metadata else None,
        "metadataFault": report.metadata_fault,
        "milliseconds": {stage: round(1000 * seconds) for stage, seconds in report.seconds.items()},
    }


def report_from_json(value: Json) -> ConversionReport:
    """Read what the box sent back.

    Raises:
        ArchiveRefused: The value is no report; the box was not ours, or broke.
    """
    try:
        return _report(cast("dict[str, Json]", value))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArchiveRefused(f"the conversion sent back no report ({error!r})") from None


def _counts(value: Json) -> Mapping[str, int]:
    return MappingProxyType({str(k): int(cast("int", v)) for k, v in cast("dict[str, Json]", value).items()})


def _file(value: Json) -> FileReport:
    data = cast("dict[str, Json]", value)
    return FileReport(
        file=str(data["file"]),
        row_type=str(data["rowType"]),
        table=str(data["table"]),
        rows=int(cast("int", data["rows"])),
        quarantined=_counts(data["quarantined"]),
        blank_lines=int(cast("int", data["blankLines"])),
        reader=str(data["reader"]),
    )


def _report(data: dict[str, Json]) -> ConversionReport:
    milliseconds = _counts(data["milliseconds"])
    metadata = data["metadata"]
    return ConversionReport(
        core_row_type=str(data["coreRowType"]),
        files=tuple(_file(f) for f in cast("list[Json]", data["files"])),
        tables=_counts(data["tables"]),
        flags=_counts(data["flags"]),
        warnings=tuple(str(w) for w in cast("list[Json]", data["warnings"])),
        metadata_name=cast("str | None", data["metadataName"]),
        metadata=DatasetMetadata.from_json(cast("dict[str, Json]", metadata)) if metadata else None,
        metadata_fault=cast("str | None", data["metadataFault"]),
        seconds=MappingProxyType({stage: ms / 1000 for stage, ms in milliseconds.items()}),
    )
