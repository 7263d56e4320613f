"""Recomputing a log from its entries, and naming every file that is not what and where it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hashstore.merkle import leaf_hashes
from provenance import post_quantum
from provenance.cosignature import Algorithm, CosignerKey, cosignatures
from provenance.errors import BadSignature, CorruptLog, LogError, MalformedNote
from provenance.keys import VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead, open_checkpoint
from provenance.log.files import LogFolder
from provenance.log.growth import is_uncommitted
from provenance.log.head_lock import HeadLock
from provenance.log.note import Note, NoteSignature, parse_note
from provenance.log.reader import CHECKPOINT
from provenance.log.rebuild import Rebuilt, rebuild
from provenance.log.tiles import ENTRIES, Tile, parse_tile_path, tiles_of, unpack_entries


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a log.

    Attributes:
        kind: `bad` bytes, a `missing` file, or a `foreign` file or signature line.
        path: where.
        message: what is wrong and what to do, for a curator.
    """

    kind: Literal["bad", "missing", "foreign"]
    path: Path
    message: str


def verify_log(
    directory: Path,
    key: VerifierKey,
    *,
    lock: Path | None = None,
    former: Sequence[VerifierKey] = (),
    cosigners: Sequence[CosignerKey] = (),
) -> Iterator[Fault]:
    """Reads every file of a log, recomputes every tile from the entries, and compares.

    Args:
        directory: the log's folder; only read.
        key: the log's key under its origin as name.
        lock: the lock file, where the log is one's own; it is compared too.
        former: keys that the log had before, and that may have signed beside the present one.
        cosigners: the log's own key of another algorithm, and the witnesses that are asked; their lines are
            checked too. A line by anyone else is foreign.

    Yields:
        What is wrong, nothing for a sound log.
    """
    with _appends_held_off(lock, key):
        faults = list(_verify(directory, (key, *former), tuple(cosigners), lock))
    yield from faults


@contextmanager
def _appends_held_off(lock: Path | None, key: VerifierKey) -> Iterator[None]:
    """A file that an append is just writing is no fault. On a read-only disk there are no appends."""
    with ExitStack() as stack:
        if lock is not None:
            with suppress(LogError):
                stack.enter_context(HeadLock(lock, key.name).held())
        yield


def _verify(
    directory: Path, keys: tuple[VerifierKey, ...], cosigners: tuple[CosignerKey, ...], lock: Path | None
) -> Iterator[Fault]:
    folder = LogFolder(directory)
    locked, faults = _lock_head(lock, keys[0])
    yield from faults
    published, faults = _published_head(folder, keys, cosigners)
    yield from faults
    if lock is not None and locked is not None and published is not None:
        yield from _compare(lock, locked, published)
    # A damaged checkpoint or lock file says nothing of the tiles; either head will do to judge them.
    head = published or locked
    if head is None:
        yield Fault("bad", directory, "No readable tree head is left, so the tiles cannot be judged.")
        return
    yield from _tile_faults(folder, head)


def _lock_head(lock: Path | None, key: VerifierKey) -> tuple[TreeHead | None, list[Fault]]:
    if lock is None:
        return None, []
    try:
        head = HeadLock(lock, key.name).read()
    except CorruptLog as error:
        return None, [Fault("bad", lock, str(error))]
    if head is None:
        message = f"The lock file {lock} is gone: the node refuses to sign until it is restored."
        return None, [Fault("missing", lock, message)]
    return head, []


def _published_head(
    folder: LogFolder, keys: tuple[VerifierKey, ...], cosigners: tuple[CosignerKey, ...]
) -> tuple[TreeHead | None, list[Fault]]:
    path, key = folder.root / CHECKPOINT, keys[0]
    try:
        data = folder.read(CHECKPOINT)
        if data is None:
            if next(folder.paths("tile"), None) is None:
                return EMPTY_HEAD, []
            return None, [Fault("missing", path, f"{path} is missing. The next append publishes it again.")]
        checkpoint = open_checkpoint(data, key)
        if checkpoint.origin != key.name or checkpoint.extensions:
            raise MalformedNote(f"it is not one that the log {key.name} would sign")
        note = parse_note(data)
        note.verify(keys)
        cosignatures(note, checkpoint, _checkable(cosigners))
    except (CorruptLog, BadSignature, MalformedNote) as error:
        return None, [
            Fault("bad", path, f"{path} is damaged: {error} Remove it; the next append signs it again.")
        ]
    unknown = [line for line in note.unknown(keys) if not _cosigned(line, cosigners, note)]
    return checkpoint.head, [
        Fault(
            "foreign",
            path,
            f"{path} carries a signature line by {line.name} that this node did not put there.",
        )
        for line in unknown
    ]


def _cosigned(line: NoteSignature, cosigners: Sequence[CosignerKey], note: Note) -> bool:
    """Whether a line is that of a known cosigner, and the only one."""
    same = [each for each in note.signatures if (each.name, each.key_id) == (line.name, line.key_id)]
    return len(same) == 1 and any(key.made(line) for key in cosigners)


def _checkable(cosigners: Sequence[CosignerKey]) -> list[CosignerKey]:
    """Without those whose algorithm this installation does not have: their lines are known, not checked."""
    offered = post_quantum.available()
    return [key for key in cosigners if offered or key.algorithm is not Algorithm.ML_DSA_44]


def _compare(lock: Path, locked: TreeHead, published: TreeHead) -> Iterator[Fault]:
    if locked.size > published.size:
        message = f"{lock} is ahead of the checkpoint: an append was interrupted. The next one finishes it."
        yield Fault("bad", lock, message)
    elif locked != published:
        yield Fault(
            "bad", lock, f"{lock} does not name the head of the published checkpoint; it may be an old copy."
        )


def _tile_faults(folder: LogFolder, head: TreeHead) -> Iterator[Fault]:
    rebuilt = rebuild(folder, head)
    if not rebuilt.sound:
        yield Fault(
            "bad",
            folder.root / "tile",
            f"The entries do not lead to the root hash of {head.size} leaves that the checkpoint signs, "
            "and no choice among the damaged files does. Restore the log from a mirror.",
        )
    seen = set()
    for path in folder.paths():
        tile = parse_tile_path(path)
        if path != CHECKPOINT:
            yield from _file_faults(folder, path, tile, rebuilt, head.size)
        if tile is not None:
            seen.add(tile)
    for tile in tiles_of(head.size):
        if tile not in seen:
            where = folder.root / tile.path
            yield Fault("missing", where, f"{where} is missing. Restore it from a mirror of the log.")


def _file_faults(
    folder: LogFolder, path: str, tile: Tile | None, rebuilt: Rebuilt, size: int
) -> Iterator[Fault]:
    where = folder.root / path
    if tile is None or is_uncommitted(path, size) or not folder.is_plain(path):
        hint = "An interrupted append may have left it; the next append removes such files."
        yield Fault("foreign", where, f"{where} does not belong to the log of {size} leaves. {hint}")
        return
    try:
        data = folder.read(path) or b""
        sound = _hashes_in(tile, data, path) == rebuilt.hashes(tile)
    except CorruptLog:
        sound = False
    if not sound:
        yield Fault("bad", where, f"{where} is damaged: it differs from what the checkpoint commits to.")


def _hashes_in(tile: Tile, data: bytes, path: str) -> list[bytes]:
    if tile.level == ENTRIES:
        return leaf_hashes(unpack_entries(data, path))
    return [data[start : start + 32] for start in range(0, len(data), 32)]
