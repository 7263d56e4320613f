"""Take in an export that was made here or elsewhere: check all of it, keep the images that may be here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.export.errors import DamagedExport
from manifests.export.manifest import Job, Totals, read_entry, read_header
from manifests.export.model import Entry
from manifests.export.verify import Fault, Tree
from node.compose import Node
from node.slices.run import HIDDEN

_CHUNK: Final = 1 << 20
_BATCH: Final = 500
_KNOWN: Final = "SELECT DISTINCT digest FROM capture WHERE access = 'public' AND digest IN (SELECT unnest(?))"
_MOST_FAULTS: Final = 10_000


@dataclass(slots=True)
class Taken:
    """What came of an import.

    Attributes:
        job: What the export is of, as it says.
        manifest: Digest of its manifest.
        files: How many files are what the manifest says.
        faults: What is not.
        kept: Images that have come into the store.
        here: Images that were there before.
        unknown: Images that no public row of a log tells of, so that they were not kept.
    """

    job: Job
    manifest: Digest
    files: int = 0
    faults: list[Fault] = field(default_factory=list)
    kept: int = 0
    here: int = 0
    unknown: int = 0


def take_export(
    node: Node,
    tree: Tree,
    on_file: Callable[[Entry], None] = lambda entry: None,
    on_size: Callable[[int], None] = lambda size: None,
) -> Taken:
    """Check an export file by file, and keep its images that are public here.

    Args:
        node: The node.
        tree: The export, as `opened_export` gives it.
        on_file: Told of each file that was looked at.
        on_size: Told the bytes of all files, before the first is looked at.

    Raises:
        DamagedExport: it has no manifest that can be read.
        PlaceUnusable: where it is cannot be reached any more; images that came before are kept.
        StoreUnusable: images cannot be kept.
    """
    # Spooled by its reader: a tar has one place to read from, and the manifest is at its end.
    manifest = _Manifest(tree)
    taken = Taken(manifest.job, manifest.digest)
    keeper = _Keeper(node, taken)
    on_size(sum(entry.size for entry in manifest.entries))
    try:
        for entry in manifest.entries:
            _look(tree, entry, taken, keeper)
            on_file(entry)
    finally:
        keeper.settle()
    taken.faults += [Fault(name, "no line of the manifest names it") for name in tree.besides()]
    return taken


class _Manifest:
    """The manifest, read whole before any file: its digest, what it is of, and its files."""

    def __init__(self, tree: Tree) -> None:
        state = hashlib.sha256()

        def passing() -> Iterator[bytes]:
            for line in tree.manifest():
                state.update(line)
                yield line

        self.job, lines = read_header(passing())
        *files, last = list(lines) or [b""]
        self.entries = [read_entry(line) for line in files]
        totals = Totals()
        for entry in self.entries:
            totals = totals.plus(entry)
        if len({entry.path for entry in self.entries}) < len(self.entries):
            raise DamagedExport("The export's manifest names a file twice.")
        if last != totals.line():
            raise DamagedExport("The export's manifest is not whole: its last line does not sum it up.")
        self.digest = Digest(state.digest())


def _look(tree: Tree, entry: Entry, taken: Taken, keeper: _Keeper) -> None:
    try:
        with tree.open(entry.path) as file:
            sealed = keeper.staged(file, entry) if entry.member else None
            if not entry.member:
                _checked(file, entry)
    except (DamagedExport, OSError) as error:
        if len(taken.faults) < _MOST_FAULTS:
            taken.faults.append(Fault(entry.path, str(error)))
        return
    taken.files += 1
    if sealed is not None:
        keeper.add(sealed)


def _checked(file: BinaryIO, entry: Entry) -> None:
    state, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        state.update(chunk)
        size += len(chunk)
    _require(Digest(state.digest()), size, entry)


def _require(digest: Digest, size: int, entry: Entry) -> None:
    if size != entry.size:
        raise DamagedExport(f"it has {size:,} bytes, and the manifest says {entry.size:,}")
    if digest != entry.digest:
        raise DamagedExport(f"its bytes have the digest {digest}")


class _Keeper:
    """Brings images into the store, batch by batch."""

    def __init__(self, node: Node, taken: Taken) -> None:
        self._node = node
        self._taken = taken
        self._sealed: list[Sealed] = []

    def staged(self, file: BinaryIO, entry: Entry) -> Sealed | None:
        """Check a file and stage it; None if its bytes are in the store."""
        store = self._node.store
        if store.contains(entry.digest):
            _checked(file, entry)
            self._taken.here += 1
            return None
        with store.stage() as staging:
            size = 0
            while chunk := file.read(_CHUNK):
                staging.write(chunk)
                size += len(chunk)
            sealed = staging.seal()
        try:
            _require(sealed.digest, size, entry)
        except DamagedExport:
            store.discard([sealed])
            raise
        return sealed

    def add(self, sealed: Sealed) -> None:
        """Keep it with the next batch."""
        self._sealed.append(sealed)
        if len(self._sealed) == _BATCH:
            self.settle()

    def settle(self) -> None:
        """Keep what the logs tell of, forget the rest."""
        sealed, self._sealed = self._sealed, []
        known = self._known([one.digest for one in sealed])
        self._node.store.commit([one for one in sealed if one.digest in known])
        self._node.store.discard([one for one in sealed if one.digest not in known])
        self._taken.kept += sum(one.digest in known for one in sealed)
        self._taken.unknown += sum(one.digest not in known for one in sealed)

    def _known(self, digests: Sequence[Digest]) -> set[Digest]:
        asked = [[digest.raw for digest in digests]]
        with self._node.index() as index:
            known = {Digest(row["digest"]) for row in index.rows(_KNOWN, asked)}
            return known - {Digest(row["digest"]) for row in index.rows(HIDDEN, asked)}
