"""Kinds of source that can be tracked: `interface.py` says what one does, a module each does it."""

from crawlers.sources.interface import (
    ArchiveFile,
    Item,
    ListedArchive,
    ListedMedia,
    LocalFile,
    Opened,
    Skipped,
    Source,
)
from crawlers.sources.registry import recognise, sources

__all__ = [
    "ArchiveFile",
    "Item",
    "ListedArchive",
    "ListedMedia",
    "LocalFile",
    "Opened",
    "Skipped",
    "Source",
    "recognise",
    "sources",
]
