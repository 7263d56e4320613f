"""Which kinds of source there are: those built in, and those that installed packages bring along."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from crawlers.errors import CrawlerError, UnrecognisedSource
from crawlers.sources.interface import Source

GROUP = "vasculum.sources"
# Each module holds its kind under the name SOURCE. They need no entry point, so a source tree works as it is.
BUILT_IN = ("dwca", "feed", "url_list", "folder")


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every kind of source, in the order in which they are asked.

    Raises:
        CrawlerError: A plug-in cannot be loaded, or is no source.
    """
    built_in = [_load_module(f"crawlers.sources.{name}") for name in BUILT_IN]
    plugged = [_load_plugin(entry) for entry in entry_points(group=GROUP)]
    return tuple(sorted((*built_in, *plugged), key=lambda kind: (kind.priority, kind.name)))


def recognise(location: str, head: bytes | None, media_type: str | None = None) -> Source:
    """The first kind that the location is of.

    Args:
        location: A path or URL as given.
        head: Its first bytes; None if it is a local folder.
        media_type: As declared by a server.

    Raises:
        UnrecognisedSource: None fits; the text says what each kind looks for.
    """
    for kind in sources():
        if kind.recognise(location, head, media_type):
            return kind
    looked = "; ".join(f"{kind.name}: {kind.looks_for}" for kind in sources())
    raise UnrecognisedSource(f"{location} is nothing that can be tracked. Looked for {looked}")


def _load_module(name: str) -> Source:
    return _checked(name, getattr(import_module(name), "SOURCE", None))


def _load_plugin(entry: EntryPoint) -> Source:
    try:
        kind = entry.load()
    except Exception as exc:  # a stranger's module may raise anything while it is imported
        raise CrawlerError(
            f"the source plug-in {entry.name!r} ({entry.value}) cannot be loaded: {exc}"
        ) from exc
    return _checked(entry.value, kind)


def _checked(where: str, kind: object) -> Source:
    if not isinstance(kind, Source):
        raise CrawlerError(
            f"{where} is no source: it lacks one of name, looks_for, priority, recognise, read"
        )
    return kind
