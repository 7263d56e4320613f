"""Bring a node back from a backup: everything is proved, and the settings come last.

A folder without node.toml is no node, so a restore that was cut short, or met a damaged backup, leaves no
half of one. The lock file of the log is never restored: the newest head that peers and witnesses know has to
be given before the node signs again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hashstore.blobstore import DirectoryBlobStore, Sealed, durable
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from node.backup.errors import BackupError, DamagedBackup
from node.backup.listing import Listed, Where, read_list
from node.backup.manifest import FileEntry, Manifest
from node.backup.place import BackupReader, Kind, newest_manifest
from node.layout import CONFIG_NAME, Layout
from provenance.errors import ProvenanceError
from provenance.keys import VerifierKey
from provenance.log.files import sync_folder, write_synced
from provenance.log.reader import CHECKPOINT
from provenance.log.verify import verify_log

_STEP: Final = 1 << 20
_BATCH_BYTES: Final = 128 << 20
_BATCH_COUNT: Final = 2048
_ROOM: Final = 64 << 20  # bytes that shall be left on the disk
_MARK: Final = "restore.json"


@dataclass(slots=True)
class Restored:
    """What became of a restore.

    Attributes:
        manifest: What was restored.
        copied: Blobs that were copied now.
        bytes: Their bytes together.
        here: Blobs that an interrupted restore had brought already.
        archived: Blobs that lie in the node's archive tier, and stay there.
        faults: Why nothing was restored after all: what is damaged or missing, and where.
    """

    manifest: Manifest
    copied: int = 0
    bytes: int = 0
    here: int = 0
    archived: int = 0
    faults: list[str] = field(default_factory=list)


def restore_node(
    places: Sequence[BackupReader], layout: Layout, progress: Callable[[int], None] = lambda size: None
) -> Restored:
    """Restore the newest backup of the first place; a run that was cut short goes on.

    Args:
        places: The backup, then those on which it builds. What is damaged in one is taken from another.
        layout: Where to; a new or empty folder.
        progress: Called with each number of bytes of blobs that were dealt with.

    Raises:
        BackupError: There is no backup, or something else in the folder.
        DamagedBackup: The manifest or the list of blobs is damaged in every place.
        StoreFull: There is no room.
    """
    digest, manifest = newest_manifest(places[0])
    _claim(layout.root, digest)
    _check_room(layout.root, manifest)
    restored = Restored(manifest)
    _restore_blobs(places, layout, restored, progress)
    _restore_files(places, layout, restored)
    if not restored.faults:
        restored.faults += _log_faults(layout)
    if not restored.faults:
        _settle(layout)
    return restored


def _claim(root: Path, manifest: Digest) -> None:
    """Make the folder ours, or see that it is from the run before."""
    mark = root / _MARK
    if (root / CONFIG_NAME).exists():
        raise BackupError(f"There is a node at {root} already; it stays as it is.")
    try:
        root.mkdir(parents=True, exist_ok=True)
        if mark.is_file():
            if json.loads(mark.read_bytes())["manifest"] == manifest.uri:
                return
            raise BackupError(f"{root} holds the beginning of another restore. Name another folder.")
        if strange := sorted(entry.name for entry in root.iterdir()):
            raise BackupError(
                f"{root} is not empty: it holds {strange[0]}. Name a new folder; nothing was changed."
            )
        write_synced(mark, json.dumps({"manifest": manifest.uri}).encode())
    except OSError as error:
        raise BackupError(f"{root} cannot be written: {error.strerror}.") from error


def _check_room(root: Path, manifest: Manifest) -> None:
    files = sum(file.size for file in manifest.files)
    here = sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
    wanted, free = files + manifest.blobs.bytes - here + _ROOM, shutil.disk_usage(root).free
    if wanted > free:
        raise BackupError(
            f"No room at {root}: the backup needs {wanted:,} bytes more and {free:,} are free. "
            "Make room, or name a folder on another disk."
        )


def _restore_blobs(
    places: Sequence[BackupReader], layout: Layout, restored: Restored, progress: Callable[[int], None]
) -> None:
    store = DirectoryBlobStore(layout.blobs)
    store.sweep()
    batch, size = list[Sealed](), 0
    whole = _place_of_list(places, restored.manifest)
    with whole.open(Kind.FILE, restored.manifest.blobs.digest) as lines:
        for listed in read_list(lines, f"the list of blobs of {whole.name}"):
            progress(listed.size)
            if listed.where is Where.ARCHIVE:
                restored.archived += 1
            elif store.contains(listed.digest) and store.size(listed.digest) == listed.size:
                restored.here += 1
            elif (sealed := _staged_blob(places, store, listed, restored)) is not None:
                batch.append(sealed)
                size += sealed.size
                restored.copied += 1
                restored.bytes += sealed.size
            if len(batch) >= _BATCH_COUNT or size >= _BATCH_BYTES:
                store.commit(batch)
                batch, size = [], 0
    store.commit(batch)


def _place_of_list(places: Sequence[BackupReader], manifest: Manifest) -> BackupReader:
    """The first place in which the list of blobs is whole: proved before a line of it is used."""
    faults: list[str] = []
    for place in places:
        try:
            with place.open(Kind.FILE, manifest.blobs.digest) as source:
                while source.read(_STEP):
                    pass
            return place
        except (BlobNotFound, CorruptBlob) as error:
            faults.append(str(error))
    raise DamagedBackup("\n".join(faults))


def _staged_blob(
    places: Sequence[BackupReader], store: DirectoryBlobStore, listed: Listed, restored: Restored
) -> Sealed | None:
    faults: list[str] = []
    for place in places:
        try:
            with place.open(Kind.BLOB, listed.digest) as source, store.stage() as staging:
                while chunk := source.read(_STEP):
                    staging.write(chunk)
                return staging.seal()
        except BlobNotFound as error:
            if listed.where is Where.HERE or place is not places[0]:
                faults.append(f"missing: {error}")
        except CorruptBlob as error:
            faults.append(f"damaged: {error}")
    if listed.where is Where.BASE and len(places) == 1:
        faults = [f"missing: {listed.digest} is in a backup on which {places[0].name} builds: give --base"]
    restored.faults += faults
    return None


def _restore_files(places: Sequence[BackupReader], layout: Layout, restored: Restored) -> None:
    for entry in restored.manifest.files:
        path = layout.root / entry.path
        if entry.path == CONFIG_NAME:  # a folder with settings is a node, so they get their name at the end
            path = _config_waiting(layout)
        _restore_file(places, entry, path, restored)
    try:
        durable.sync_filesystem(os.fspath(layout.root))
    except OSError as error:
        raise durable.translated(error, f"writing {layout.root}") from error


def _restore_file(places: Sequence[BackupReader], entry: FileEntry, path: Path, restored: Restored) -> None:
    faults: list[str] = []
    for place in places:
        try:
            with place.open(Kind.FILE, entry.digest) as source:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                # From its first byte on, a key is for its owner's eyes only.
                handle = os.open(
                    path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, entry.mode & 0o600
                )
                with os.fdopen(handle, "wb") as target:
                    shutil.copyfileobj(source, target, _STEP)
                path.chmod(entry.mode)
                return
        except BlobNotFound as error:
            faults.append(f"missing: {entry.path}: {error}")
        except CorruptBlob as error:
            path.unlink(missing_ok=True)
            faults.append(f"damaged: {entry.path}: {error}")
        except OSError as error:
            raise durable.translated(error, f"writing {path}") from error
    restored.faults += faults


def _log_faults(layout: Layout) -> list[str]:
    """The log as a stranger would judge it, by its public key."""
    try:
        key = VerifierKey.parse(layout.log_public.read_text(encoding="utf-8").strip())
        # Witnesses, and keys of other algorithms, put their lines under a checkpoint too.
        return [
            f"damaged: {fault.message}"
            for fault in verify_log(layout.log, key)
            if fault.kind != "foreign" or fault.path.name != CHECKPOINT
        ]
    except (OSError, UnicodeDecodeError, ProvenanceError) as error:
        return [f"damaged: the log cannot be verified: {error}"]


def _settle(layout: Layout) -> None:
    """Make the folder a node."""
    try:
        os.replace(_config_waiting(layout), layout.config)
        sync_folder(layout.root)
        (layout.root / _MARK).unlink()
    except OSError as error:
        raise durable.translated(error, f"writing {layout.config}") from error


def _config_waiting(layout: Layout) -> Path:
    return layout.root / f"{CONFIG_NAME}.restored"
