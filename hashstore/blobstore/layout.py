"""Where a digest lies in a folder: `aa/bb/<hex>`, after its first two bytes; in `tmp/` until it is whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

TEMPORARY: Final = "tmp"
_BYTE: Final = re.compile(r"[0-9a-f]{2}")
_NAME: Final = re.compile(r"[0-9a-f]{64}")


def folder_names(name: str) -> tuple[str, str]:
    """The two folders over a blob's hex name."""
    return name[:2], name[2:4]


def is_folder_name(name: str) -> bool:
    """Whether a folder of the first or second level may be called so."""
    return _BYTE.fullmatch(name) is not None


def is_blob_name(name: str) -> bool:
    """Whether a blob may be called so: 64 lower-case hex digits."""
    return _NAME.fullmatch(name) is not None


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What a folder holds, by name; nothing if it is not there (another process may be at work)."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def blob_names(root: str, prefix: str) -> Iterator[str]:
    """The hex names, ascending, of all blobs in their right places whose names begin with `prefix`."""
    for first in _folders(root, prefix[:2]):
        for second in _folders(first.path, prefix[2:4]):
            place = first.name + second.name
            for entry in entries(second.path):
                name = entry.name
                if not name.startswith(place) or not name.startswith(prefix) or not is_blob_name(name):
                    continue
                if entry.is_file(follow_symlinks=False):
                    yield name


def _folders(parent: str, prefix: str) -> Iterator[os.DirEntry[str]]:
    for entry in entries(parent):
        if (
            entry.name.startswith(prefix)
            and is_folder_name(entry.name)
            and entry.is_dir(follow_symlinks=False)
        ):
            yield entry
