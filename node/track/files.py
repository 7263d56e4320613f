"""Bring local files in: a folder of images, or the single file that a person names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from crawlers.fetch import Capture, Outcome, Reason
from crawlers.fetch.request import Role
from crawlers.sources import LocalFile
from crawlers.sources.folder import role_of
from hashstore.blobstore import Added, StagedAhead, add_files, add_staged
from hashstore.digest import Digest
from node.track.earlier import Earlier, gone_already, last_captures
from node.track.model import Bar
from node.track.place import file_url
from node.track.session import Captured, Session

_BATCH = 4096  # captures to one transaction of the journal, which waits for the disk


def add_local(
    session: Session, source: str, files: Iterable[LocalFile], bar: Bar, *, whole: bool,
    ahead: StagedAhead | None = None,
) -> dict[str, Digest]:  # fmt: skip
    """Add files of a source to the store and record a capture for each.

    Args:
        session: The crawl.
        source: The source they belong to.
        files: The files, read lazily.
        bar: Moves on by one a file.
        whole: Whether these are all files of the source, so that others that it once had are gone.
        ahead: The same files in the same order, if they are being staged already.

    Returns:
        The digest of each file that could be read, by its name in the source.
    """
    by_path: dict[Path, LocalFile] = {}
    pending: list[Captured] = []
    digests: dict[str, Digest] = {}
    present: set[str] = set()

    def on_added(added: Added) -> None:
        file = by_path[added.path]
        digests[file.name] = added.digest
        url = file_url(file.name)
        present.add(url)
        if not (session.resumed and _stands_already(session, url, added.digest)):
            role = file.role or role_of(added.head)
            pending.append(Captured(_added(url, role, added, earlier().get(url)), source))
        bar.advance()
        if len(pending) >= _BATCH:
            _flush(session, pending)

    def paths() -> Iterator[Path]:
        for file in files:
            by_path[file.path] = file
            yield file.path

    with ThreadPoolExecutor(1) as beside:
        # The index takes as long to open as a hundred files to stage, and the first batch does not need it.
        earlier = beside.submit(last_captures, session.node, source).result
        if ahead is None:
            report = add_files(session.node.active, paths(), on_added=on_added)
        else:
            by_path.update((file.path, file) for file in files)
            report = add_staged(session.node.active, ahead, on_added)
    for unreadable in report.unreadable:
        file = by_path[unreadable.path]
        url = file_url(file.name)
        present.add(url)
        pending.append(Captured(_failed(file, unreadable.reason, earlier().get(url)), source))
    if whole:
        pending += [
            Captured(_gone(url, last), source) for url, last in _lost(session, source, earlier(), present)
        ]
    _flush(session, pending)
    return digests


def _lost(
    session: Session, source: str, earlier: Mapping[str, Earlier], present: Set[str]
) -> list[tuple[str, Earlier]]:
    """What was there at an earlier crawl, is not any more, and was not told of yet."""
    lost = [(url, last) for url, last in earlier.items() if url not in present]
    told = gone_already(session.node, source) if lost else frozenset()
    return [(url, last) for url, last in lost if url not in told]


def _stands_already(session: Session, url: str, digest: Digest) -> bool:
    """Whether the killed run of this crawl has recorded these very bytes."""
    had = session.journal.captured(session.crawl, url)
    return had is not None and had["digest"] == digest.raw


def _flush(session: Session, pending: list[Captured]) -> None:
    session.record(pending)
    pending.clear()


def _added(url: str, role: Role, added: Added, last: Earlier | None) -> Capture:
    known = last.known if last else None
    return Capture(
        url=url,
        role=role,
        requested_at=datetime.now(UTC),
        attempt=1,
        outcome=Outcome.UNCHANGED if known == added.digest else Outcome.FETCHED,
        digest=added.digest,
        size=added.size,
        revision_of=known if known not in (None, added.digest) else None,
    )


def _failed(file: LocalFile, reason: str, last: Earlier | None) -> Capture:
    return Capture(
        url=file_url(file.name),
        role=file.role or "file",
        requested_at=datetime.now(UTC),
        attempt=1,
        outcome=Outcome.FAILED,
        reason=Reason.UNREADABLE,
        message=reason.replace(str(file.path), file.name),
        last_known=last.known if last else None,
    )


def _gone(url: str, last: Earlier) -> Capture:
    return Capture(
        url=url,
        role=last.role,
        requested_at=datetime.now(UTC),
        attempt=1,
        outcome=Outcome.GONE,
        reason=Reason.GONE,
        message="the file is no longer in the folder",
        last_known=last.known,
    )
