"""How temporaries become blobs: data to the disk, rename, folders to the disk, and only then say so.

A power cut or a kill between any two steps leaves whole blobs under final names, or nothing. Blobs that are
there already have their folders synced all the same: another process may have renamed them a moment ago.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

from hashstore.blobstore.durable import sync_paths
from hashstore.blobstore.layout import folder_names

Landing: TypeAlias = tuple[str, str, int]
"""A temporary's path, the blob's hex name, its size in bytes."""


def land(root: str, landings: Sequence[Landing], anchored: set[str]) -> None:
    """Make every temporary a blob under `root`; all are durable when this returns.

    A blob that is there with the right size stays. One of another size is damaged, and is replaced by the
    bytes at hand, which have been hashed.

    Args:
        root: The store's folder.
        landings: On the filesystem of `root`, hashed, closed.
        anchored: Folders whose own entries in their parents are known to be durable; grows.

    Raises:
        OSError: If anything failed; blobs may have landed, but none may be relied upon.
    """
    if not landings:
        return
    arriving: dict[str, str] = {}
    for temporary, name, size in landings:
        if name in arriving or _holds(_final(root, name), size):
            _forget(temporary)
        else:
            arriving[name] = temporary
    if arriving:
        sync_paths(list(arriving.values()), root)
    # In the order of names, so that the filesystem works on one folder after another.
    for name in sorted(arriving):
        _place(root, name, arriving[name], anchored)
    folders = {os.path.dirname(_final(root, name)) for _, name, _ in landings}
    entered = _unanchored(root, folders, anchored)
    sync_paths(folders | {os.path.dirname(folder) for folder in entered}, root)
    anchored |= entered


def _final(root: str, name: str) -> str:
    first, second = folder_names(name)
    return f"{root}/{first}/{second}/{name}"


def _holds(path: str, size: int) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return found.st_size == size and stat.S_ISREG(found.st_mode)


def _forget(temporary: str) -> None:
    with suppress(FileNotFoundError):  # the same sealed blob may be committed twice
        os.unlink(temporary)


def _place(root: str, name: str, temporary: str, anchored: set[str]) -> None:
    first, second = folder_names(name)
    folder = f"{root}/{first}/{second}"
    if folder not in anchored:
        _make_folder(folder)
    try:
        os.rename(temporary, f"{folder}/{name}")
    except FileNotFoundError:  # somebody tidied empty folders away
        anchored.clear()
        _make_folder(folder)
        os.rename(temporary, f"{folder}/{name}")


def _make_folder(path: str) -> None:
    # os.makedirs asks about every folder before it makes it; in a new store that shows.
    try:
        os.mkdir(path)
    except FileExistsError:
        pass  # another process was faster
    except FileNotFoundError:
        _make_folder(os.path.dirname(path))
        _make_folder(path)


def _unanchored(root: str, folders: set[str], anchored: set[str]) -> set[str]:
    """The given folders, and those above them down from `root`, whose own entries may not be durable yet."""
    entered: set[str] = set()
    for folder in folders:
        while folder not in anchored and folder not in entered:
            entered.add(folder)
            if folder == root:
                break
            folder = os.path.dirname(folder)
    return entered
