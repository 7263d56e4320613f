"""Bring a source's records in: recognise what it is, and do with each item what its kind says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from crawlers.errors import CrawlerError
from crawlers.fetch import Capture, Fetcher, Outcome, fetch_all
from crawlers.fetch.request import Role
from crawlers.sources import (
    ArchiveFile,
    Item,
    ListedArchive,
    ListedMedia,
    LocalFile,
    Opened,
    Skipped,
    recognise,
)
from crawlers.sources.interface import HEAD_SIZE
from hashstore.digest import Digest
from node.errors import SourceRefused
from node.track.archives import archive_of_folder, stage_archive, stage_list
from node.track.bring import brought, requests_for
from node.track.files import add_local
from node.track.place import Place
from node.track.session import Captured, Session
from node.track.staged import Gathered

# What a location is stands fixed only after its bytes are here; its capture is given the role then.
_ROLES: dict[str, Role] = {"dwca": "archive", "feed": "feed", "url_list": "list", "folder": "file"}


async def gather(session: Session, fetcher: Fetcher, place: Place) -> Gathered:
    """Bring in the records of a place.

    Raises:
        SourceRefused: the place itself cannot be had, or holds nothing that can be tracked.
        CrawlerError: likewise, as told by the source's reader.
    """
    opened = await _open_place(session, fetcher, place)
    head = None if opened.path.is_dir() else _head(opened.path)
    kind = recognise(opened.location, head, opened.media_type)
    gathered = Gathered(kind.name)
    if kind.name in _ROLES and not opened.path.is_dir():
        session.journal.set_role(session.crawl, place.url, _ROLES[kind.name])
    if opened.path.is_dir():
        await asyncio.to_thread(_take_folder, session, place, opened, kind.read(opened), gathered)
        return gathered
    items = kind.read(opened)
    archives = await asyncio.to_thread(_take_items, session, place, opened, items, gathered)
    if archives:
        await _take_feed(session, fetcher, archives, gathered)
    return gathered


async def _open_place(session: Session, fetcher: Fetcher, place: Place) -> Opened:
    if place.path is None:
        capture = await brought(session, fetcher, place.location, place.source, "archive")
        return _opened(session, place.location, capture)
    if place.path.is_dir():
        return Opened(place.location, place.path)
    file = LocalFile(place.path, place.path.name, "archive")
    digests = await asyncio.to_thread(_add_one, session, place.source, file)
    if not digests:
        raise SourceRefused(f"{place.path} cannot be read.")
    digest = digests[file.name]
    return Opened(place.location, session.node.store.path(digest), digest)


def _add_one(session: Session, source: str, file: LocalFile) -> dict[str, Digest]:
    with session.listener.phase("Adding", 1) as bar:
        return add_local(session, source, [file], bar, whole=False)


def _opened(session: Session, location: str, capture: Capture) -> Opened:
    if capture.digest is None:
        raise SourceRefused(
            f"{location} cannot be had: {capture.message or capture.reason}"
            + (f" (HTTP {capture.status})" if capture.status else "")
        )
    return Opened(location, session.node.store.path(capture.digest), capture.digest, capture.media_type)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_SIZE)


def _take_folder(
    session: Session, place: Place, opened: Opened, items: Iterator[Item], gathered: Gathered
) -> None:
    listed = list(items)
    if any(isinstance(item, ArchiveFile) for item in listed):
        gathered.staged.append(archive_of_folder(session, place.source, opened.path))
        return
    files = [item for item in listed if isinstance(item, LocalFile)]
    with session.listener.phase("Adding files", len(files)) as bar:
        add_local(session, place.source, files, bar, whole=True)


def _take_items(
    session: Session, place: Place, opened: Opened, items: Iterable[Item], gathered: Gathered
) -> list[ListedArchive]:
    """Stage what the place itself holds; return the archives that it only names."""
    archives: list[ListedArchive] = []
    media: list[ListedMedia] = []
    for item in items:
        match item:
            case ArchiveFile():
                gathered.staged.append(
                    stage_archive(session, place.source, place.url, place.title, item.opened)
                )
            case ListedArchive():
                archives.append(item)
            case ListedMedia():
                media.append(item)
            case Skipped(line, what, reason):
                _refuse(session, gathered, place.title, f"{place.title} line {line} ({what}): {reason}")
            case LocalFile():
                raise SourceRefused(f"{place.title}: a single file cannot list local files.")
    if media:
        gathered.staged.append(stage_list(session, place.source, place.url, place.title, opened, media))
    return archives


async def _take_feed(
    session: Session, fetcher: Fetcher, archives: list[ListedArchive], gathered: Gathered
) -> None:
    """Fetch every archive that a feed names, then convert one after the other; one failure stops no other."""
    urls = list(dict.fromkeys(archive.url for archive in archives))
    with session.listener.phase("Fetching archives", len(urls)) as bar:
        requests = requests_for(session, [url for url in urls if not _had(session, url)], "archive")
        async with aclosing(fetch_all(fetcher, requests)) as captures:
            async for capture in captures:
                await asyncio.to_thread(session.record, [Captured(capture, capture.url)])
                bar.advance()
    for url in urls:
        await asyncio.to_thread(_take_listed, session, url, gathered)


def _had(session: Session, url: str) -> bool:
    row = session.journal.captured(session.crawl, url)
    return row is not None and row["outcome"] in (Outcome.FETCHED, Outcome.UNCHANGED)


def _take_listed(session: Session, url: str, gathered: Gathered) -> None:
    row = session.journal.captured(session.crawl, url)
    if row is None or row["digest"] is None:
        reason = row["message"] or row["reason"] if row else "it was not fetched"
        _refuse(session, gathered, url, f"{url} cannot be had: {reason}")
        return
    digest = Digest(row["digest"])
    opened = Opened(url, session.node.store.path(digest), digest, row["mediaType"])
    try:
        kind = recognise(url, _head(opened.path), opened.media_type)
        for item in kind.read(opened):
            if not isinstance(item, ArchiveFile):
                raise SourceRefused(f"{url} is no archive, as the feed says, but a {kind.name}.")
            gathered.staged.append(stage_archive(session, url, url, url, item.opened))
    except (CrawlerError, SourceRefused) as error:
        _refuse(session, gathered, url, str(error))


def _refuse(session: Session, gathered: Gathered, url: str, reason: str) -> None:
    gathered.refused.append((url, reason))
    session.listener.item("refused", {"source": url, "reason": reason})
