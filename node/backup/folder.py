"""A backup in a folder: two plain blob stores and the manifests. Each further backup adds what is new."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO, Final, Self

from hashstore.blobstore import DirectoryBlobStore, Sealed, durable
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from node.backup.errors import BackupError
from node.backup.place import MANIFESTS, SCRATCH, Kind, take_turns
from provenance.log.files import sync_folder, write_synced

_BATCH_BYTES: Final = 128 << 20
_BATCH_COUNT: Final = 2048
_STEP: Final = 1 << 20


class FolderBackup:
    """Reads and writes a backup in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stores = {kind: DirectoryBlobStore(root / kind.value) for kind in Kind}
        self._waiting: dict[Kind, dict[Digest, Sealed]] = {kind: {} for kind in Kind}
        self._waiting_bytes = 0
        self._turn: int | None = None

    @classmethod
    def begin(cls, root: Path) -> Self:
        """Make the folder if need be; only its owner may look into it, for it holds private keys.

        Raises:
            BackupError: It cannot be made, or is a folder of something else.
        """
        ours = {MANIFESTS, *(kind.value for kind in Kind)}
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            backup = cls(root)
            backup._turn = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
            take_turns(backup._turn, root)
            for left in root.glob(f"{SCRATCH}*"):
                shutil.rmtree(left)
            if strange := sorted({entry.name for entry in root.iterdir()} - ours):
                raise BackupError(f"{root} is no folder of backups: it holds {strange[0]}. Name another one.")
            root.chmod(0o700)
            (root / MANIFESTS).mkdir(exist_ok=True)
        except OSError as error:
            raise BackupError(f"The backup {root} cannot be written: {error.strerror}.") from error
        for store in backup._stores.values():
            store.sweep()
        return backup

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._root)

    @property
    def scratch(self) -> Path:
        """The folder itself."""
        return self._root

    def manifests(self) -> list[str]:
        folder = self._root / MANIFESTS
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    def manifest_bytes(self, name: str) -> bytes:
        return (self._root / MANIFESTS / name).read_bytes()

    def open(self, kind: Kind, digest: Digest) -> BinaryIO:
        return self._stores[kind].open(digest)

    def holds(self, kind: Kind, digest: Digest, size: int) -> bool:
        if digest in self._waiting[kind]:
            return True
        try:
            return self._stores[kind].size(digest) == size
        except BlobNotFound:
            return False

    def put(self, kind: Kind, digest: Digest, size: int, source: BinaryIO) -> None:
        store, waiting = self._stores[kind], self._waiting[kind]
        with store.stage() as staging:
            while chunk := source.read(_STEP):
                staging.write(chunk)
            sealed = staging.seal()
        if sealed.digest != digest:
            store.discard([sealed])
            raise CorruptBlob(digest, "what was to be backed up")
        waiting[digest] = sealed
        self._waiting_bytes += size
        if len(waiting) >= _BATCH_COUNT or self._waiting_bytes >= _BATCH_BYTES:
            self._flush()

    def finish(self, name: str, manifest: bytes) -> None:
        self._flush()
        folder = self._root / MANIFESTS
        temporary = folder / f"{name}.partial"
        try:
            write_synced(temporary, manifest)
            os.replace(temporary, folder / name)
            for changed in (folder, self._root, self._root.parent):
                sync_folder(changed)
        except OSError as error:
            raise durable.translated(error, f"writing {temporary}") from error

    def close(self) -> None:
        """Forget what was not finished; what has landed stays for the next run."""
        for kind, store in self._stores.items():
            store.discard(self._waiting[kind].values())
            self._waiting[kind].clear()
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None

    def _flush(self) -> None:
        self._waiting_bytes = 0
        for kind, store in self._stores.items():
            batch, self._waiting[kind] = list(self._waiting[kind].values()), {}
            if batch:
                store.commit(batch)
