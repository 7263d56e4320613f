"""How temporaries become blobs: data to the disk, rename, folders to the disk, and only then say so.

A power cut or a kill between any two steps leaves whole blobs under final names, or nothing. Blobs that are
there already have their folders synced all the same: another process may have renamed them a moment ago.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import TypeAlias

from hashstore.blobstore.durable import sync_paths
from hashstore.blobstore.layout import folder_names

Landing: TypeAlias = tuple[str, str, int]
"""A temporary's path, the blob's hex name, its size in bytes."""


def land(root: str, landings: Sequence[Landing]) -> None:
    """Make every temporary a blob under `root`; all are durable when this returns.

    A blob that is there with the right size stays. One of another size is damaged, and is replaced by the
    bytes at hand, which have been hashed.

    Raises:
        OSError: If anything failed; blobs may have landed, but none may be relied upon.
    """
    if not landings:
        return
    arriving: dict[str, str] = {}
    for temporary, name, size in landings:
        if name in arriving or _holds(_final(root, name), size):
            os.unlink(temporary)
        else:
            arriving[name] = temporary
    if arriving:
        sync_paths(list(arriving.values()), root)
    for name, temporary in arriving.items():
        _place(root, name, temporary)
    sync_paths(_touched(root, {name for _, name, _ in landings}), root)


def _final(root: str, name: str) -> str:
    first, second = folder_names(name)
    return f"{root}/{first}/{second}/{name}"


def _holds(path: str, size: int) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return found.st_size == size and stat.S_ISREG(found.st_mode)


def _place(root: str, name: str, temporary: str) -> None:
    final = _final(root, name)
    try:
        os.rename(temporary, final)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(final), exist_ok=True)
        os.rename(temporary, final)


def _touched(root: str, names: set[str]) -> set[str]:
    """The folders whose lists of names may be new, up to the one that holds the root."""
    folders = {root, os.path.dirname(root)}
    for name in names:
        first, second = folder_names(name)
        folders.add(f"{root}/{first}")
        folders.add(f"{root}/{first}/{second}")
    return folders
