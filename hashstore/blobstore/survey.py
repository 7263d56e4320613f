"""Walk a directory store and tell blobs in their places from everything that does not belong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hashstore.blobstore import layout, temporaries

Entry: TypeAlias = "os.DirEntry[str]"


@dataclass(frozen=True, slots=True)
class Found:
    """A file that claims to be the blob `name` (64 hex digits) and lies where that blob should."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that no blob store puts where it is, and why."""

    path: str
    reason: str


def survey(root: str) -> Iterator[Found | Foreign]:
    """Everything under `root` by path, but for the temporaries of sessions.

    Raises:
        OSError: If a folder cannot be listed.
    """
    for entry in layout.entries(root):
        if entry.name == layout.TEMPORARY and entry.is_dir(follow_symlinks=False):
            yield from _temporaries(entry.path)
        elif _is_level(entry):
            yield from _second_level(entry)
        else:
            yield from _foreign(entry, "is not a folder of the first level (two hex digits)")


def _second_level(first: Entry) -> Iterator[Found | Foreign]:
    for entry in layout.entries(first.path):
        if _is_level(entry):
            yield from _blobs(entry, first.name + entry.name)
        else:
            yield from _foreign(entry, "is not a folder of the second level (two hex digits)")


def _blobs(second: Entry, place: str) -> Iterator[Found | Foreign]:
    for entry in layout.entries(second.path):
        reason = _misfit(entry, place)
        if reason is None:
            yield Found(entry.path, entry.name)
        else:
            yield from _foreign(entry, reason)


def _misfit(entry: Entry, place: str) -> str | None:
    """Why an entry of a second-level folder is no blob; None if it may be one."""
    if entry.is_symlink():
        return "is a symbolic link; blobs are files of their own"
    if not layout.is_blob_name(entry.name):
        return "is not called by 64 lower-case hex digits"
    if not entry.name.startswith(place):
        first, second = layout.folder_names(entry.name)
        return f"is in the wrong place; it belongs into {first}/{second}/"
    if not entry.is_file(follow_symlinks=False):
        return "has a blob's name but is not a file"
    return None


def _is_level(entry: Entry) -> bool:
    return layout.is_folder_name(entry.name) and entry.is_dir(follow_symlinks=False)


def _temporaries(folder: str) -> Iterator[Foreign]:
    for entry in layout.entries(folder):
        ours = entry.name == temporaries.LOCK or entry.name.startswith(temporaries.SESSION)
        if not ours:
            yield from _foreign(entry, "is not a temporary of this store")


def _foreign(entry: Entry, reason: str) -> Iterator[Foreign]:
    """Name an entry, and every file under it if it is a folder."""
    yield Foreign(entry.path, reason)
    if entry.is_dir(follow_symlinks=False):
        for inner in layout.entries(entry.path):
            yield from _foreign(inner, "is in a folder that does not belong here")
