"""What a kind of source does: say whether a location is of its kind, and list what it holds.

A source does not fetch and does not store. Whoever drives it brings the location to disk first (a URL by the
fetcher, so that the listing itself is a tracked blob; a local file by adding it to the store), calls `read`,
and does with each item what its kind says:

- `LocalFile`: add the file to the store;
- `ListedMedia`: write its row into the media table and fetch its URL;
- `ListedArchive`: fetch the archive, then ask `recognise` again about what came;
- `ArchiveFile`: convert it with `crawlers.dwca`;
- `Skipped`: tell the operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from crawlers.fetch.request import Role
from hashstore.digest import Digest

HEAD_SIZE = 4096  # how many first bytes `recognise` is shown


@dataclass(frozen=True, slots=True)
class Opened:
    """A location whose bytes are on this machine.

    Attributes:
        location: As the operator gave it: a path or a URL.
        path: The file, or the folder, that holds it.
        digest: Of the file's bytes; None for a folder.
        media_type: As the server declared it; None for a local path.
    """

    location: str
    path: Path
    digest: Digest | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file to be added as it is.

    Attributes:
        path: Where it lies now.
        name: Its path relative to the source's folder, with `/` between parts.
        role: What it is for; None of a file in a folder, whose first bytes tell it (`role_of`).
    """

    path: Path
    name: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class ListedMedia:
    """One line of a list of images: a row of the media table, and the URL to fetch.

    Attributes:
        url: What to fetch, as published; also in `columns` under accessURI.
        source_row: Address of its line or lines in the list: `line:hash://sha256/<hex>!/L7`.
        columns: Column names of the media table with their values, both text.
        verbatim: Header and value of every other column that is filled.
        flags: Codes of what was mended on the way, sorted.
    """

    url: str
    source_row: str
    columns: tuple[tuple[str, str], ...]
    verbatim: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedArchive:
    """One archive of a feed; texts as published.

    Attributes:
        url: Where the archive is.
        metadata_url: Where its EML is; None if the feed names none.
        title: For people; empty if the feed gives none.
        ids: Every identifier that the feed gives it, such as a UUID.
        published: When it was last published, as the feed writes it.
        line: Line of the feed at which its entry begins, from 1.
    """

    url: str
    metadata_url: str | None
    title: str
    ids: tuple[str, ...]
    published: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """The location is itself an archive (zip, tar or unpacked) of the named format, such as `dwca`."""

    opened: Opened
    format: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of the source of which nothing is brought in, so that nothing is dropped in silence.

    Attributes:
        line: Where it begins in the source's file, from 1.
        what: Its title or first words.
        reason: Why, in words.
    """

    line: int
    what: str
    reason: str


Item: TypeAlias = LocalFile | ListedMedia | ListedArchive | ArchiveFile | Skipped


@runtime_checkable
class Source(Protocol):
    """A kind of source. Implementations hold no state and are registered under `vasculum.sources`.

    Attributes:
        name: What the kind is called, such as `feed`.
        looks_for: What makes a location one of this kind, for the message when nothing fits.
        priority: Kinds are asked in ascending order; the more particular a kind, the lower.
    """

    name: str
    looks_for: str
    priority: int

    def recognise(self, location: str, head: bytes | None, media_type: str | None) -> bool:
        """Whether the location is of this kind. Judged by the bytes first: names and servers' types lie.

        Args:
            location: A path or URL as given.
            head: Its first bytes (up to `HEAD_SIZE`); None if it is a local folder.
            media_type: As declared by a server, without parameters; None for a local path.
        """

    def read(self, opened: Opened) -> Iterator[Item]:
        """List what the source holds, lazily and in the source's own order.

        Raises:
            CrawlerError: The source cannot be read; the text names the line and the reason. Items that were
                listed before stand.
        """
