"""Take a backup of a node, also while it is at work.

No lock is taken: a crawl may hold the writer lock for days. The order of reading does it instead (see
`contents`): the log as its checkpoint stands, then the journal and everything else, then the blobs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from node.backup.contents import contents
from node.backup.errors import BackupError
from node.backup.listing import Listed, Where, read_list
from node.backup.manifest import BlobList, FileEntry, Manifest
from node.backup.place import SCRATCH, BackupReader, BackupWriter, Kind, manifest_name, newest_manifest
from node.compose import Node
from node.storage import sizes_of
from provenance.errors import ProvenanceError
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead, open_checkpoint
from provenance.log.files import LogFolder
from provenance.log.reader import CHECKPOINT
from provenance.log.tree import TileTree

_STEP: Final = 1 << 20
_IN_MEMORY: Final = 8 << 20
_PATIENCE: Final = 60.0  # seconds to wait for a database that is being written
_CHANGES: Final = 5  # of keys, during one backup: more than anybody makes
_CHECKPOINT: Final = f"log/{CHECKPOINT}"


@dataclass(slots=True)
class Taken:
    """What became of a backup.

    Attributes:
        manifest: The digest of its manifest; None while it is not whole.
        files: How many files besides blobs.
        copied: Blobs that were copied now.
        bytes: Their bytes together.
        held: Blobs that this backup held already.
        in_bases: Blobs that a backup holds on which this one builds.
        archived: Blobs that lie in the archive tier only, and stay there.
        damaged: Blobs that could not be backed up because their bytes have changed, each with the reason.
    """

    manifest: Digest | None = None
    files: int = 0
    copied: int = 0
    bytes: int = 0
    held: int = 0
    in_bases: int = 0
    archived: int = 0
    damaged: list[tuple[Digest, str]] = field(default_factory=list)


def take_backup(
    node: Node,
    place: BackupWriter,
    bases: Sequence[BackupReader] = (),
    *,
    with_archive: bool = False,
    progress: Callable[[int], None] = lambda size: None,
) -> Taken:
    """Write a backup; it counts once its manifest is there, which is written last.

    Args:
        node: The node.
        place: Where to; what it holds already is not copied again.
        bases: Backups whose blobs need not be in this one, because they will be at hand when it is restored.
        with_archive: Whether blobs in the archive tier are copied too. Else they stay there, and are listed.
        progress: Called with each number of bytes of blobs that were dealt with.

    Raises:
        BackupError: The log is damaged; a backup of it would not be worth its name.
        StoreFull: There is no room; what was copied stays, and the next run goes on.
    """
    taken = Taken()
    files, head = _copy_between_key_changes(node, place)
    taken.files = len(files)
    base_digests, elsewhere = _of_bases(bases)
    blobs = _copy_blobs(node, place, elsewhere, with_archive, taken, progress)
    manifest = Manifest(
        made=f"{datetime.now(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z",
        name=node.config.identity.name,
        origin=node.config.identity.origin,
        identity=node.identity_public.did,
        log_size=head.size,
        root_hash=head.root,
        files=tuple(sorted(files, key=lambda file: file.path)),
        blobs=blobs,
        bases=base_digests,
    )
    data = manifest.encode()
    place.finish(manifest_name(manifest, data), data)
    taken.manifest = Digest.of(data)
    return taken


def _copy_between_key_changes(node: Node, place: BackupWriter) -> tuple[list[FileEntry], TreeHead]:
    """Copy log and keys of one moment: keys without the log entry that brings them in would be nobody's."""
    keys = node.layout.root / "keys"
    for _ in range(_CHANGES):
        before = _state(keys)
        node.forget_keys()
        copied = _copy_files(node, place)
        if _state(keys) == before:
            return copied
    raise BackupError(f"The keys in {keys} are being changed. Back up again when that has ended.")


def _state(folder: Path) -> dict[Path, bytes]:
    state = {}
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError, IsADirectoryError):
            state[path] = path.read_bytes()
    return state


def _copy_files(node: Node, place: BackupWriter) -> tuple[list[FileEntry], TreeHead]:
    """Copy everything but blobs; also gives the head of the log as it was copied."""
    root = node.layout.root
    files: list[FileEntry] = []
    head = EMPTY_HEAD
    for path, data in contents(root):
        if path == _CHECKPOINT and data is not None:
            head = _sound_head(node, data)
        try:
            files.append(_copy_file(root, path, data, place))
        except FileNotFoundError:
            continue  # gone since it was listed; what has to stay never goes
    return files, head


def _sound_head(node: Node, checkpoint: bytes) -> TreeHead:
    """The head that a checkpoint of the own log signs, if the log's tiles lead to it."""
    try:
        head = open_checkpoint(checkpoint, node.log_key).head
        if TileTree(LogFolder(node.layout.log), head.size).root() != head.root:
            raise BackupError(f"The tiles in {node.layout.log} do not lead to its checkpoint.")
    except (ProvenanceError, BackupError) as error:
        raise BackupError(
            f"{error} Nothing was backed up: run vasculum verify --deep, and mend the log first."
        ) from error
    return head


def _copy_file(root: Path, path: str, data: bytes | None, place: BackupWriter) -> FileEntry:
    """Copy one file, as it is at one moment, whoever writes to it meanwhile."""
    source = root / path
    mode = stat.S_IMODE(source.stat().st_mode)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=os.fspath(place.scratch)) as spooled:
        copy = cast(BinaryIO, spooled)
        if data is not None:
            copy.write(data)
        elif source.suffix == ".sqlite":
            _copy_database(source, copy, place.scratch)
        else:
            with source.open("rb") as file:
                shutil.copyfileobj(file, copy, _STEP)
        digest, size = _digest_of(copy), copy.tell()
        if not place.holds(Kind.FILE, digest, size):
            copy.seek(0)
            place.put(Kind.FILE, digest, size, copy)
    return FileEntry(path, digest, size, mode)


def _digest_of(copy: BinaryIO) -> Digest:
    copy.seek(0)
    state = hashlib.sha256()
    while chunk := copy.read(_STEP):
        state.update(chunk)
    return Digest(state.digest())


def _copy_database(path: Path, copy: BinaryIO, scratch: Path) -> None:
    """SQLite's own copy: one state of the database, in one file."""
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=scratch) as folder:
        target = Path(folder) / "copy"
        address = f"{path.absolute().as_uri()}?mode=ro"
        try:
            with (
                closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as source,
                closing(sqlite3.connect(target)) as database,
            ):
                source.backup(database)
                database.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise BackupError(f"{path} cannot be backed up: {error}.") from error
        with target.open("rb") as file:
            shutil.copyfileobj(file, copy, _STEP)


def _of_bases(bases: Sequence[BackupReader]) -> tuple[tuple[Digest, ...], set[Digest]]:
    """The manifests of the backups that this one builds on, and the blobs that they hold themselves."""
    manifests: list[Digest] = []
    held: set[Digest] = set()
    for base in bases:
        digest, manifest = newest_manifest(base)
        manifests.append(digest)
        with base.open(Kind.FILE, manifest.blobs.digest) as source:
            held.update(one.digest for one in read_list(source, base.name) if one.where is Where.HERE)
    return tuple(manifests), held


def _copy_blobs(
    node: Node,
    place: BackupWriter,
    elsewhere: set[Digest],
    with_archive: bool,
    taken: Taken,
    progress: Callable[[int], None],
) -> BlobList:
    """Copy what is not there, and write the list of all."""
    state, size, count, total = hashlib.sha256(), 0, 0, 0
    with tempfile.TemporaryFile(dir=place.scratch) as copy:
        for digest, length in sizes_of(node.store):
            where = _copy_blob(node, place, digest, length, elsewhere, with_archive, taken)
            progress(length)
            if where is None:
                continue
            line = Listed(digest, length, where).encode()
            copy.write(line)
            state.update(line)
            size, count = size + len(line), count + 1
            total += length if where is not Where.ARCHIVE else 0
        copy.seek(0)
        listed = BlobList(Digest(state.digest()), size, count, total)
        if not place.holds(Kind.FILE, listed.digest, size):
            place.put(Kind.FILE, listed.digest, size, copy)
    return listed


def _copy_blob(
    node: Node,
    place: BackupWriter,
    digest: Digest,
    size: int,
    elsewhere: set[Digest],
    with_archive: bool,
    taken: Taken,
) -> Where | None:
    """Where the blob lies for this backup; None if it is gone or damaged."""
    if place.holds(Kind.BLOB, digest, size):
        taken.held += 1
        return Where.HERE
    if digest in elsewhere:
        taken.in_bases += 1
        return Where.BASE
    near = node.active.contains(digest)
    if not near and not with_archive and node.archive is not None:
        taken.archived += 1
        return Where.ARCHIVE
    # Out of the tier itself: a backup recalls nothing.
    store = node.active if near or node.archive is None else node.archive
    try:
        with store.open(digest) as source:
            place.put(Kind.BLOB, digest, size, source)
    except BlobNotFound:
        return None  # withdrawn or removed since it was listed
    except CorruptBlob as error:
        taken.damaged.append((digest, str(error)))
        return None
    taken.copied += 1
    taken.bytes += size
    return Where.HERE
