"""Where a backup lies: a folder that grows by each backup, or one file.

Either has the same layout, so that unpacking the file gives the folder:

    manifests/<time>-<hex>.json     one for each backup, named by its own digest; written last
    files/aa/bb/<hex>               node.toml, keys, log, databases, lists of blobs
    blobs/aa/bb/<hex>               the node's blobs
"""

from __future__ import annotations

import fcntl
import re
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from hashstore.digest import Digest
from node.backup.errors import BackupError, DamagedBackup
from node.backup.manifest import Manifest, read_manifest

SUFFIX: Final = ".tar"
MANIFESTS: Final = "manifests"
SCRATCH: Final = ".vasculum-backup-"  # how temporary folders beside a backup are called
_NAME: Final = re.compile(r"[0-9]{8}T[0-9]{6}[0-9]{6}Z-([0-9a-f]{64})\.json")


class Kind(StrEnum):
    """What a digest in a backup names."""

    FILE = "files"
    BLOB = "blobs"


class BackupReader(Protocol):
    """A backup, to be read."""

    @property
    def name(self) -> str:
        """Where it is."""

    def manifests(self) -> list[str]:
        """The names of its manifests, oldest first."""

    def manifest_bytes(self, name: str) -> bytes:
        """One of them, as it is."""

    def open(self, kind: Kind, digest: Digest) -> BinaryIO:
        """Open something; the last bytes come only when all have proved right.

        Raises:
            BlobNotFound: It is not there.
            CorruptBlob: Out of the reader: its bytes have another digest. The text names the file.
        """

    def close(self) -> None:
        """Let it go."""


class BackupWriter(Protocol):
    """A backup, to be written. Whoever is killed goes on by writing to the same place again."""

    @property
    def scratch(self) -> Path:
        """A folder on the same disk, for temporary files."""

    def holds(self, kind: Kind, digest: Digest, size: int) -> bool:
        """Whether it is there already, from an earlier backup or an interrupted one."""

    def put(self, kind: Kind, digest: Digest, size: int, source: BinaryIO) -> None:
        """Take bytes, and prove them.

        Raises:
            CorruptBlob: They do not have this digest; then nothing was taken.
            StoreFull: There is no room.
        """

    def finish(self, name: str, manifest: bytes) -> None:
        """Make all durable, and only then add the manifest that says so."""

    def close(self) -> None:
        """Let it go."""


def open_backup(path: Path) -> BackupReader:
    """Open a backup to read.

    Raises:
        BackupError: There is none.
    """
    from node.backup.folder import FolderBackup
    from node.backup.single import TarReader

    if path.is_dir():
        return FolderBackup(path)
    if path.is_file():
        return TarReader(path)
    raise BackupError(f"There is no backup at {path}.")


def begin_backup(path: Path, node: Path) -> BackupWriter:
    """Open a place to write a backup to: a file if its name ends in `.tar`, else a folder.

    Args:
        path: The place.
        node: The node's folder, in which no backup may lie.

    Raises:
        BackupError: It cannot be written, or holds something else.
    """
    if path.resolve().is_relative_to(node.resolve()):
        raise BackupError(
            f"{path} lies in the node's own folder. Name a place elsewhere, best on another disk."
        )
    from node.backup.folder import FolderBackup
    from node.backup.single import TarWriter

    if path.suffix == SUFFIX and not path.is_dir():
        return TarWriter(path)
    return FolderBackup.begin(path)


def take_turns(handle: int, name: Path) -> None:
    """Keep other backups away from a place for as long as the handle is open.

    Raises:
        BackupError: Another one is being written to it.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"Another backup is being written to {name}. Wait for it to end.") from None


def newest_manifest(backup: BackupReader) -> tuple[Digest, Manifest]:
    """The newest manifest of a backup, proved against its name.

    Raises:
        BackupError: There is none: the backup was cut short before its end.
        DamagedBackup: It is not what its name says.
    """
    names = [name for name in backup.manifests() if _NAME.fullmatch(name)]
    if not names:
        raise BackupError(
            f"{backup.name} holds no whole backup: it is none, or was cut short. Back up to it again."
        )
    name = max(names)
    data, where = backup.manifest_bytes(name), f"{backup.name}/{MANIFESTS}/{name}"
    digest = Digest.of(data)
    match = _NAME.fullmatch(name)
    if match is None or match[1] != digest.hex:
        raise DamagedBackup(f"{where} is damaged: its bytes do not have the digest that is its name.")
    return digest, read_manifest(data, where)


def manifest_name(manifest: Manifest, data: bytes) -> str:
    """The name of a manifest: when it was made, so that names sort by time, and its digest."""
    compact = re.sub(r"[-:.]", "", manifest.made)
    return f"{compact}-{Digest.of(data).hex}.json"
