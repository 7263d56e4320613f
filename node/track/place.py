"""What the operator typed, made into a place that stays the same from any folder."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from crawlers.fetch import host_key
from node.errors import SourceRefused

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """A source to be tracked.

    Attributes:
        location: A URL, or an absolute path; stays in this node, because paths tell names of people.
        source: The source's name in every public row: the URL, or a UUID that the path leads to.
        title: What to call it in words: the URL, or the last part of the path.
        path: Where it is on this machine; None for a URL.
    """

    location: str
    source: str
    title: str
    path: Path | None = None

    @property
    def url(self) -> str:
        """The address under which the place itself is captured."""
        return self.location if self.path is None else file_url(self.path.name)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The one host that the operator named, which may thus be a private address."""
        if self.path is not None:
            return frozenset()
        parts = urlsplit(self.location)
        return frozenset({host_key(parts.hostname or "", parts.port or _PORTS[parts.scheme])})


def place_of(typed: str, origin: str) -> Place:
    """Find out what the operator means.

    Args:
        typed: A URL or a path.
        origin: The name of the node's log; local sources are named within it.

    Raises:
        SourceRefused: no such file, or a URL of a scheme that is not fetched.
    """
    try:
        parts = urlsplit(typed)
        known_port = parts.port is None or parts.port
    except ValueError as error:
        raise SourceRefused(f"{typed} is no URL: {error}") from error
    if parts.scheme in _PORTS and known_port:
        if not parts.hostname:
            raise SourceRefused(f"{typed} names no host.")
        if parts.username is not None or parts.password is not None:
            raise SourceRefused(
                f"The URL of {parts.hostname} holds a user name or password, and would put it into a public "
                "record. Fetch the file yourself and track the copy."
            )
        return Place(typed, typed, typed)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        typed = unquote(parts.path)
    elif "://" in typed:
        raise SourceRefused(f"{typed}: only http, https and local paths can be tracked.")
    path = _existing(typed)
    if not (path.is_file() or path.is_dir()):
        raise SourceRefused(f"{typed} is neither a file nor a folder.")
    return Place(str(path), local_source(path, origin), path.name, path)


def _existing(typed: str) -> Path:
    try:
        # An empty text would be the folder that we stand in; an unset variable of a shell does not mean it.
        if typed and (path := Path(typed).expanduser().absolute()).exists():
            return path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceRefused(f"{typed[:200]}: there is no such file or folder here: {error}") from error
    raise SourceRefused(f"{typed!r}: there is no such file or folder here, and it is no http or https URL.")


def local_source(path: Path, origin: str) -> str:
    """A name for a local source: the same for the same path in the same node, and silent about the path."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{origin} {path}')}"


def file_url(name: str) -> str:
    """The address of a local file within its source: its relative name as a `file:` reference."""
    return f"file:{quote(name)}"
