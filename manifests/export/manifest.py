"""An export's manifest: which dataset, by which exporter, and every file by its digest (spec/exports.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.export.errors import DamagedExport
from manifests.export.model import Entry

MANIFEST_NAME: Final = "vasculum-export.jsonl"
LONGEST_LINE: Final = 1 << 16  # bytes; none of ours comes near
_LARGEST: Final = 1 << 30  # bytes of a manifest: some five million files


HIDDEN: Final = "hidden"
"""Why a member is left out that was withdrawn, or is withheld by the exporting node."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member that the export lacks.

    Attributes:
        digest: The member; of one that is hidden, the leaf hash of its line in the dataset's manifest.
        reason: A code of why.
    """

    digest: Digest
    reason: str

    def line(self) -> bytes:
        """The line that says so."""
        named: dict[str, Json] = {"digest": self.digest.uri}
        if self.reason == HIDDEN:
            named = {"leaf": self.digest.hex}
        return _line({"type": "LeftOut", "reason": self.reason, **named})


@dataclass(frozen=True, slots=True)
class Job:
    """What an export is of, and what makes it.

    Attributes:
        dataset: Digest of the dataset version's statement.
        manifest: Digest of the dataset's manifest.
        format: The exporter's name.
        exporter: Its version; what it writes by a library whose bytes change with versions names that too.
        left_out: Members that cannot be handed over, ascending.
    """

    dataset: Digest
    manifest: Digest
    format: str
    exporter: str
    left_out: tuple[LeftOut, ...] = ()

    def header(self) -> bytes:
        """The first lines of the manifest: what the export is, then what it lacks."""
        document: dict[str, Json] = {
            "type": "Export",
            "dataset": self.dataset.uri,
            "manifest": self.manifest.uri,
            "format": self.format,
            "exporter": self.exporter,
        }
        return b"".join([_line(document), *(member.line() for member in self.left_out)])


@dataclass(frozen=True, slots=True)
class Totals:
    """How much an export holds, its manifest apart: files, and their bytes together."""

    files: int = 0
    size: int = 0

    def plus(self, entry: Entry) -> Totals:
        """With one more file."""
        return Totals(self.files + 1, self.size + entry.size)

    def line(self) -> bytes:
        """The last line of the manifest; without it, a manifest is not whole."""
        return _line({"type": "Total", "files": self.files, "bytes": self.size})


def entry_line(entry: Entry) -> bytes:
    """The line of a file."""
    document: dict[str, Json] = {
        "type": "File",
        "path": entry.path,
        "digest": entry.digest.uri,
        "size": entry.size,
    }
    return _line(document | {"member": True} if entry.member else document)


def read_entry(line: bytes) -> Entry:
    """Read the line of a file.

    Raises:
        DamagedExport: it is no such line, or its path would leave the export's folder.
    """
    document = read_line(line)
    try:
        entry = Entry(
            _safe(document["path"]),
            Digest.parse(document["digest"]),
            _count(document["size"]),
            document.get("member") is True,
        )
    except (KeyError, TypeError, ValueError, HashstoreError) as error:
        raise DamagedExport(f"A line of the export's manifest cannot be read: {error}") from error
    if document.get("type") != "File" or entry_line(entry) != line:
        raise DamagedExport(f"The manifest's line on {entry.path!r} is not in its one written form.")
    return entry


def read_line(line: bytes) -> Mapping[str, Any]:
    """Any line of a manifest as an object.

    Raises:
        DamagedExport: it is none, or far too long.
    """
    try:
        document = parse_json(line) if len(line) <= LONGEST_LINE else None
    except HashstoreError as error:
        raise DamagedExport(f"A line of the export's manifest cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise DamagedExport("A line of the export's manifest is no JSON object, or too long.")
    return document


def read_header(lines: Iterator[bytes]) -> tuple[Job, Iterator[bytes]]:
    """Read the first lines of a manifest.

    Returns:
        What it is an export of, and an iterator over the lines behind the header.

    Raises:
        DamagedExport: they are no header.
    """
    first = read_line(next(lines, b""))
    left_out: list[LeftOut] = []
    rest = next(lines, b"")
    try:
        while rest and (document := read_line(rest)).get("type") == "LeftOut":
            named = document["leaf" if document["reason"] == HIDDEN else "digest"]
            left_out.append(LeftOut(Digest.parse(named), str(document["reason"])))
            rest = next(lines, b"")
        job = Job(
            Digest.parse(first["dataset"]),
            Digest.parse(first["manifest"]),
            str(first["format"]),
            str(first["exporter"]),
            tuple(left_out),
        )
    except (KeyError, TypeError, HashstoreError) as error:
        raise DamagedExport(f"The beginning of the export's manifest cannot be read: {error}") from error
    return job, _chained(rest, lines)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a manifest.

    Raises:
        DamagedExport: one is far too long, or there are far too many.
    """
    read = 0
    while line := file.readline(LONGEST_LINE + 1):
        read += len(line)
        if len(line) > LONGEST_LINE or read > _LARGEST:
            raise DamagedExport("The export's manifest is too long, or one of its lines is.")
        yield line


def _chained(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _line(document: dict[str, Json]) -> bytes:
    return canonical_json(document) + b"\n"


def _safe(path: object) -> str:
    """A path that stays below the folder that it is joined to, on every system."""
    if not isinstance(path, str) or not 0 < len(path) <= 1024 or "\\" in path or ":" in path:
        raise ValueError(f"{path!r} is no path of an export")
    if any(part in ("", ".", "..") for part in path.split("/")) or not path.isprintable():
        raise ValueError(f"{path!r} is no path of an export")
    return path


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value
