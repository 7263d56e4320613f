"""Finds an archive's descriptor, data files and metadata among its members."""

from dataclasses import dataclass
from pathlib import Path

from crawlers.dwca.container import Container, Member
from crawlers.dwca.descriptor import DataFile, Descriptor, Dialect
from crawlers.dwca.dialect import as_utf8, sniff
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from crawlers.dwca.meta import parse_meta

# Files that stand beside a table without being one; GBIF and Symbiota add the named ones to every archive.
_DOCUMENTS = [
    ".xml",
    ".rtf",
    ".pdf",
    ".log",
    ".md",
    ".html",
    ".htm",
    ".json",
    ".jsonl",
    ".yaml",
    ".yml",
    ".sh",
    ".bib",
    ".py",
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".tif",
    ".zip",
    ".gz",
    ".doc",
    ".docx",
    ".xls",
    ".xlsx",
    ".ods",
    ".rels",
    ".bin",
    ".xml~",
]
_DOCUMENT_NAMES = ("citations.txt", "rights.txt", "citeme.txt", "readme.txt", "metadata.txt", "license.txt")
_EML = "eml.xml"


@dataclass(frozen=True, slots=True)
class Table:
    """One data file to read: what it holds, its name as the archive's descriptor gives it, and its member."""

    data: DataFile
    location: str
    member: Member


@dataclass(frozen=True, slots=True)
class Layout:
    """An archive, found: its descriptor, its tables in order (core first), and its metadata document."""

    descriptor: Descriptor
    tables: tuple[Table, ...]
    metadata: Member | None
    warnings: tuple[str, ...]


def find_layout(container: Container, name: str, scratch: Path, limits: Limits) -> Layout:
    """Read the descriptor, or make one from the only table, and find every file that it names.

    Raises:
        ArchiveRefused: There is neither, or a data file is missing.
    """
    meta = _meta(container.members, name)
    if meta is None:
        return _bare(container, name, scratch, limits)
    root = meta.path[: -len("meta.xml")]
    descriptor = parse_meta(_bytes(container, meta, limits), meta.path)
    tables = tuple(
        Table(data, location, _find(container.members, root, location, name))
        for data in descriptor.files
        for location in data.locations
    )
    metadata, warnings = _metadata(container.members, root, descriptor.metadata)
    return Layout(descriptor, tables, metadata, warnings)


def _meta(members: tuple[Member, ...], archive: str) -> Member | None:
    found = [m for m in members if m.path.lower() == "meta.xml" or m.path.lower().endswith("/meta.xml")]
    found = [m for m in found if m.path.count("/") == min(other.path.count("/") for other in found)]
    if len(found) > 1:
        raise ArchiveRefused(f"it holds several archives: {', '.join(m.path for m in found)}", file=archive)
    return found[0] if found else None


def _bytes(container: Container, member: Member, limits: Limits) -> bytes:
    if member.size > limits.max_xml:
        raise ArchiveRefused(f"it is larger than {limits.max_xml} bytes", file=member.path)
    return container.extract(member).read_bytes()


def _look_up(members: tuple[Member, ...], root: str, location: str) -> Member | None:
    path = root + "/".join(p for p in location.replace("\\", "/").split("/") if p not in ("", "."))
    exact = next((m for m in members if m.path == path), None)
    # Archives made on file systems that ignore case.
    return exact or next((m for m in members if m.path.lower() == path.lower()), None)


def _find(members: tuple[Member, ...], root: str, location: str, archive: str) -> Member:
    if "://" in location:
        raise ArchiveRefused(f"its data file stands elsewhere, at {location}", file=archive)
    found = _look_up(members, root, location)
    if found is None:
        raise ArchiveRefused("meta.xml names this data file, but the archive lacks it", file=location)
    return found


def _metadata(
    members: tuple[Member, ...], root: str, declared: str | None
) -> tuple[Member | None, tuple[str, ...]]:
    if declared:
        found = _look_up(members, root, declared)
        if found:
            return found, ()
        warning = f"{declared}: meta.xml names this metadata document, but the archive lacks it"
        return _look_up(members, root, _EML), (warning,)
    return _look_up(members, root, _EML), ()


def _bare(container: Container, name: str, scratch: Path, limits: Limits) -> Layout:
    if any(m.path in ("[Content_Types].xml", "META-INF/manifest.xml") for m in container.members):
        raise ArchiveRefused("it is a spreadsheet or document; export it as CSV or as an archive", file=name)
    candidates = [m for m in container.members if _may_be_table(m)]
    tables = []
    for number, member in enumerate(candidates[:50]):
        data = _sniffed(container, member, scratch / f"sniff-{number}", limits)
        if data is not None:
            tables.append(Table(data, member.path.rpartition("/")[2], member))
    if len(tables) != 1:
        raise ArchiveRefused(_not_one(tables), file=name)
    table = tables[0]
    root = table.member.path.removesuffix(table.location)
    metadata, _ = _metadata(container.members, root, None)
    return Layout(Descriptor((table.data,), None), (table,), metadata, ())


def _may_be_table(member: Member) -> bool:
    name = member.path.rpartition("/")[2].lower()
    ignored = name.startswith(".") or name in _DOCUMENT_NAMES or name.endswith(tuple(_DOCUMENTS))
    return member.size > 0 and not ignored


def _sniffed(container: Container, member: Member, scratch: Path, limits: Limits) -> DataFile | None:
    path, _ = as_utf8(container.extract(member), Dialect(), member.path, scratch)
    return sniff(path, member.path.rpartition("/")[2], limits.max_line)


def _not_one(tables: list[Table]) -> str:
    if not tables:
        return "it has no meta.xml, and no table with a header line of Darwin Core terms"
    names = ", ".join(table.member.path for table in tables)
    return f"it has no meta.xml to tell its core from its extensions: {names}"
