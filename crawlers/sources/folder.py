"""A local folder of images: every file in it, by its path relative to the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from crawlers.errors import UnreadableFolder
from crawlers.fetch.request import Role
from crawlers.fetch.sniff import image_type
from crawlers.sources.interface import LocalFile, Opened


class FolderSource:
    """Files below a folder, sorted by name; hidden ones and symbolic links are passed over."""

    name = "folder"
    looks_for = "a local folder with files in it"
    priority = 90

    def recognise(self, location: str, head: bytes | None, media_type: str | None) -> bool:
        return head is None and Path(location).is_dir()

    def read(self, opened: Opened) -> Iterator[LocalFile]:
        return (LocalFile(path, name) for path, name in files_below(opened.path))


def files_below(folder: Path, prefix: str = "") -> Iterator[tuple[Path, str]]:
    """Every plain file with its name below the first folder, depth first, in the order of names.

    A symbolic link could lead out of the folder and so publish what nobody meant to.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(
                (entry for entry in found if not entry.name.startswith(".")), key=lambda e: e.name
            )
    except OSError as exc:
        raise UnreadableFolder(
            f"{folder} cannot be listed: {exc.strerror}; give this user leave to read it"
        ) from exc
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path), f"{prefix}{entry.name}/")
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path), f"{prefix}{entry.name}"


def role_of(head: bytes) -> Role:
    """What a file in a folder is for: an image if it begins as one does.

    Args:
        head: Its first bytes; 132 are enough.
    """
    return "file" if image_type(head) is None else "image"


SOURCE = FolderSource()
