"""A feed of archives: RSS as the IPT and Symbiota write it, and Atom.

Read with lxml rather than with feedparser: a feed that is cut off must be refused with its line, not read in
part, and feedparser, made for news, drops the second <guid> (Symbiota's UUID) and gives no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from lxml import etree

from crawlers.box import BoxLimits, run_boxed
from crawlers.errors import CrawlerError, MalformedFeed
from crawlers.safexml import decode, line_of, local_name, parse_xml, text_of
from crawlers.sources.interface import ListedArchive, Opened, Skipped
from hashstore.canonical import Json

_ROOT = re.compile(r"<(?!\?|!)(?:\w+:)?(\w+)")
_LIMITS = BoxLimits(address_space=2 << 30, file_size=1 << 20, cpu=60, wall=120)
_ARCHIVE_TYPES = frozenset({"application/zip", "application/x-zip-compressed", "application/rsszip"})


class FeedSource:
    """RSS or Atom whose entries name Darwin Core Archives."""

    name = "feed"
    looks_for = "an RSS or Atom feed of Darwin Core Archives, as the IPT and Symbiota portals publish it"
    priority = 20

    def recognise(self, location: str, head: bytes | None, media_type: str | None) -> bool:
        if not head:
            return False
        try:
            text = decode(head)[0]
        except CrawlerError:
            return False
        if not text.lstrip("\ufeff \t\r\n").startswith("<"):
            return False
        root = _ROOT.search(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
        return root is not None and root[1].lower() in {"rss", "feed", "rdf"}

    def read(self, opened: Opened) -> Iterator[ListedArchive | Skipped]:
        try:
            listed = run_boxed("crawlers.sources.feed:listed", {"path": str(opened.path)}, _LIMITS)
        except CrawlerError as exc:
            raise MalformedFeed(f"{opened.location}: {exc}") from exc
        for entry in cast("list[dict[str, Any]]", listed):
            if "url" in entry:
                yield ListedArchive(**{**entry, "ids": tuple(entry["ids"])})
            else:
                yield Skipped(**entry)


def listed(path: str) -> list[Json]:
    """In the box: what `archives` finds in a file, as JSON.

    Raises:
        CrawlerError: It cannot be read.
    """
    try:
        return [asdict(item) for item in archives(Path(path).read_bytes())]
    except OSError as exc:
        raise MalformedFeed(f"cannot be read: {exc.strerror}") from exc


def archives(data: bytes) -> Iterator[ListedArchive | Skipped]:
    """The archives that a feed lists, in its order, each once, and the entries that name none.

    Raises:
        MalformedXml: It is not well-formed; the text names the line.
        UnsafeXml: It is too large or declares entities.
        MalformedFeed: It is no feed, or lists no archive.
    """
    root = parse_xml(data).root
    name = local_name(root)
    if name not in {"rss", "RDF", "feed"}:
        raise MalformedFeed(f"line {line_of(root)}: <{name}> is no RSS or Atom feed")
    entries = [entry for entry in root.iter(etree.Element) if local_name(entry) in {"item", "entry"}]
    found = [_archive(entry) or _skipped(entry) for entry in entries]
    if not any(isinstance(item, ListedArchive) for item in found):
        raise MalformedFeed(f"none of its {len(entries)} entries names a Darwin Core Archive")
    seen: set[str] = set()
    for item in found:
        if isinstance(item, Skipped):
            yield item
        elif item.url not in seen:
            seen.add(item.url)
            yield item


def _archive(entry: etree._Element) -> ListedArchive | None:
    url = _ipt(entry) or _symbiota(entry) or _enclosure(entry)
    if url is None:
        return None
    ids = (*_texts(entry, "guid"), *_texts(entry, "id"))
    return ListedArchive(
        url=url,
        metadata_url=next(iter((*_texts(entry, "eml"), *_texts(entry, "emllink"))), None),
        title=next(iter(_texts(entry, "title")), ""),
        ids=tuple(dict.fromkeys(ids)),
        published=next(
            iter((*_texts(entry, "pubDate"), *_texts(entry, "updated"), *_texts(entry, "date"))), None
        ),
        line=line_of(entry),
    )


def _skipped(entry: etree._Element) -> Skipped:
    title = next(iter(_texts(entry, "title")), "an entry without a title")
    return Skipped(line_of(entry), title, "its entry names no Darwin Core Archive; it may be metadata only")


def _ipt(entry: etree._Element) -> str | None:
    return next(iter((*_texts(entry, "dwca"), *_texts(entry, "archive"))), None)


def _symbiota(entry: etree._Element) -> str | None:
    kinds = {kind.upper() for kind in (*_texts(entry, "type"), *_texts(entry, "recordType"))}
    return next(iter(_texts(entry, "link")), None) if kinds & {"DWCA", "DWC-A"} else None


def _enclosure(entry: etree._Element) -> str | None:
    for child in entry:
        kind = (child.get("type") or "").lower()
        if local_name(child) == "enclosure" and (kind in _ARCHIVE_TYPES or _is_zip(child.get("url"))):
            return child.get("url")
        if local_name(child) == "link" and child.get("rel") == "enclosure" and kind in _ARCHIVE_TYPES:
            return child.get("href")
    return None


def _is_zip(url: str | None) -> bool:
    return url is not None and url.lower().partition("?")[0].endswith(".zip")


def _texts(entry: etree._Element, name: str) -> tuple[str, ...]:
    """The texts of the children of that local name, on one line each, empty ones left out."""
    found = (text_of(child) for child in entry if local_name(child) == name)
    return tuple(text for text in found if text)


SOURCE = FeedSource()
