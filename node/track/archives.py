"""Turn an archive or a list into staged tables; an unchanged one is left as the index has it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.dwca import ArchiveRefused, ConversionReport, convert_archive
from crawlers.errors import CrawlerError
from crawlers.sources import ListedMedia, LocalFile, Opened
from crawlers.sources.folder import FolderSource
from hashstore.digest import Digest
from node.track.earlier import has_rows
from node.track.files import add_local
from node.track.listed import write_listed_media
from node.track.place import file_url
from node.track.session import Session
from node.track.staged import StagedSource

_REFUSED = "its records were not taken: "
_CAPTURED = (
    "SELECT digest, message FROM own_capture WHERE source = ? AND url = ? AND digest IS NOT NULL "
    "ORDER BY log_index DESC, row DESC"
)


_QUARANTINED = ("source", "sourceRow", "file", "line", "code", "message")


def stage_archive(session: Session, source: str, url: str, title: str, opened: Opened) -> StagedSource:
    """Convert a Darwin Core Archive that is in the store.

    Raises:
        ArchiveRefused: it cannot be taken; the text names file, line and reason.
    """
    assert opened.digest is not None
    if _is_unchanged(session, source, url, opened.digest):
        session.listener.say(f"{title} has not changed since the last crawl.")
        return StagedSource(source, (url,), None)
    return _converted(session, source, title, (url,), opened.path, opened.digest)


def archive_of_folder(session: Session, source: str, folder: Path) -> StagedSource:
    """Convert an unpacked archive: its files are added first, and read from the store."""
    found = FolderSource().read(Opened(str(folder), folder))
    files = [LocalFile(file.path, file.name, "archive") for file in found]
    with session.listener.phase("Adding the archive's files", len(files)) as bar:
        digests = add_local(session, source, files, bar, whole=True)
    urls = tuple(file_url(name) for name in digests)
    changed = set(session.journal.outcomes(session.crawl, "archive")) - {"unchanged"}
    if not changed and _was_taken(session, source, urls):
        return StagedSource(source, urls, None)
    copy = _hard_links(session, digests)
    try:
        return _converted(session, source, folder.name, urls, copy, digests)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def stage_list(
    session: Session, source: str, url: str, title: str, opened: Opened, media: list[ListedMedia]
) -> StagedSource:
    """Stage the media rows that a list of addresses gives."""
    assert opened.digest is not None
    if _is_unchanged(session, source, url, opened.digest):
        session.listener.say(f"{title} has not changed since the last crawl.")
        return StagedSource(source, (url,), None)
    name = _short(title)
    folder = _folder(session, source)
    folder.mkdir(parents=True, exist_ok=True)
    write_listed_media(folder / "media.parquet", source, name, media)
    staged = StagedSource(source, (url,), folder, {name: len(media)})
    _tell(session, staged, title)
    return staged


def _converted(
    session: Session,
    source: str,
    title: str,
    urls: tuple[str, ...],
    path: Path,
    digests: Digest | dict[str, Digest],
) -> StagedSource:
    folder = _folder(session, source)
    shutil.rmtree(folder, ignore_errors=True)
    with session.listener.phase(f"Reading the records of {title}", None):
        # In the store the archive goes by its digest, which no curator would know it by.
        try:
            report = convert_archive(path, digests, source, folder, name=_short(title))
        except CrawlerError as refusal:
            told = _with_name(refusal, _short(title))
            # Or the next crawl, finding the same bytes, would take them for read.
            for url in urls:
                session.journal.remark(session.crawl, url, f"{_REFUSED}{told}")
            raise told from refusal
    staged = StagedSource(
        source,
        urls,
        folder,
        dict(report.rows),
        sum(sum(codes.values()) for codes in report.quarantined.values()),
        report.metadata,
    )
    if report.metadata_fault is not None:
        session.listener.say(
            f"The metadata of {title} ({report.metadata_name}) cannot be used: {report.metadata_fault}"
        )
    _tell(session, staged, title, report)
    return staged


def _with_name(refusal: CrawlerError, name: str) -> CrawlerError:
    """The refusal with the archive's name before that of a file inside it."""
    if not isinstance(refusal, ArchiveRefused) or refusal.file in (None, name):
        return refusal
    return ArchiveRefused(refusal.reason, file=f"{name}: {refusal.file}", line=refusal.line)


def _tell(session: Session, staged: StagedSource, title: str, report: ConversionReport | None = None) -> None:
    fields = {
        "source": staged.source,
        "title": title,
        "rows": dict(staged.rows),
        "quarantined": staged.quarantined,
    }
    if report is not None:
        fields["flags"] = dict(report.flags)
        fields["warnings"] = list(report.warnings)
        fields["quarantinedBy"] = {file: dict(codes) for file, codes in report.quarantined.items()}
    session.listener.item("archive", fields)
    for row in _quarantined(staged):
        session.listener.item("quarantined", row)


def _quarantined(staged: StagedSource) -> Iterator[dict[str, Any]]:
    path = staged.table("quarantine")
    if path is None or not staged.quarantined:
        return
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(10_000, columns=list(_QUARANTINED)):
            yield from batch.to_pylist()


def _is_unchanged(session: Session, source: str, url: str, digest: Digest) -> bool:
    with session.node.index() as index:
        last = index.one(_CAPTURED, [source, url])
        return (
            last is not None
            and last["digest"] == digest.raw
            and not (last["message"] or "").startswith(_REFUSED)
            and has_rows(index, source)
        )


def _was_taken(session: Session, source: str, urls: Iterable[str]) -> bool:
    with session.node.index() as index:
        last = [index.one(_CAPTURED, [source, url]) for url in urls]
        refused = any((row["message"] or "").startswith(_REFUSED) for row in last if row is not None)
        return not refused and has_rows(index, source)


def _short(title: str) -> str:
    """The last part of an address or path."""
    return Path(title.rstrip("/")).name or title


def _folder(session: Session, source: str) -> Path:
    return session.staging / str(uuid.uuid5(uuid.NAMESPACE_URL, source))


def _hard_links(session: Session, digests: dict[str, Digest]) -> Path:
    """The archive's folder made again of the stored bytes: nobody can change those while we read."""
    root = session.staging / "unpacked"
    shutil.rmtree(root, ignore_errors=True)
    for name, digest in digests.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(session.node.store.path(digest), place)
    return root
