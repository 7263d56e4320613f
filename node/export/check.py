"""Which members of a dataset cannot be handed over now, and why."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.manifest import Entry, Hidden, hide, lines_of, read_manifest
from manifests.dataset.member import Member
from manifests.export.errors import MembersLost
from manifests.export.manifest import HIDDEN, LeftOut
from manifests.export.model import Failure
from manifests.export.pictured import in_batches
from node.compose import Node
from node.datasets.known import KnownDataset, opened_manifest
from node.datasets.shown import hidden_members
from node.export.material import NodeMaterial
from node.index import Index

_BOXES: Final = 2
_HIDDEN: Final = "was withdrawn, or is withheld here"
_NEVER_SEEN: Final = "is the hash of the line of a member that was withdrawn before the manifest came here"
_ABSENT: Final = "is not here. Bring it: vasculum dataset fetch"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A member that cannot be handed over: as the operator is told, and as an export without it tells."""

    failure: Failure
    left_out: LeftOut


def hidden_now(node: Node, known: KnownDataset) -> list[Lacking]:
    """The members that policy does not let out (any more).

    Raises:
        DatasetError: the manifest is not here.
        DamagedManifest: a line of it does not hold.
    """
    with node.index() as index, opened_manifest(node, known) as lines:
        batches = in_batches(read_manifest(lines_of(lines)))
        return [lacking for batch in batches for lacking in _hidden(index, batch)]


def _hidden(index: Index, entries: Sequence[Entry]) -> Iterator[Lacking]:
    gone = hidden_members(index, [entry for entry in entries if isinstance(entry, Member)])
    for entry in entries:
        if isinstance(entry, Hidden):
            leaf = Digest(entry.leaf)
            yield Lacking(Failure(leaf, HIDDEN, _NEVER_SEEN), LeftOut(leaf, HIDDEN))
        elif entry.digest in gone:
            # A node that never saw its line knows only the leaf; both have to tell the same.
            yield Lacking(Failure(entry.digest, HIDDEN, _HIDDEN), LeftOut(Digest(hide(entry).leaf), HIDDEN))


def lacking(
    node: Node,
    known: KnownDataset,
    material: NodeMaterial,
    *,
    pictures: bool,
    on_looked: Callable[[int], None] = lambda members: None,
) -> list[Lacking]:
    """Every member that an export would stumble over, but for damaged ones: that shows when they are read.

    Args:
        node: The node.
        known: The dataset version.
        material: The same as exporters see it; learns the pictures.
        pictures: Whether sizes of images are needed.
        on_looked: Told how many more members have been looked at.

    Raises:
        DatasetError: the manifest is not here.
        DamagedManifest: a line of it does not hold.
    """
    found: list[Lacking] = []
    waiting: deque[Future[list[Lacking]]] = deque()

    def settle(most: int) -> None:
        while len(waiting) > most:
            found.extend(waiting.popleft().result())

    # Headers are read in processes of their own: two of them, while the next members are looked for.
    with (
        node.index() as index,
        opened_manifest(node, known) as lines,
        ThreadPoolExecutor(_BOXES, "headers") as pool,
    ):
        for entries in in_batches(read_manifest(lines_of(lines))):
            hidden = list(_hidden(index, entries))
            gone = {one.failure.digest for one in hidden}
            members = [one for one in entries if isinstance(one, Member) and one.digest not in gone]
            found += hidden
            waiting.append(pool.submit(_unavailable, node, material, members, pictures=pictures))
            settle(_BOXES)
            on_looked(len(entries))
        settle(0)
    return sorted(found, key=lambda one: one.left_out.digest)


def _unavailable(
    node: Node, material: NodeMaterial, members: Sequence[Member], *, pictures: bool
) -> list[Lacking]:
    failures = list(_absent(node, members))
    if pictures:
        gone = {failure.digest for failure in failures}
        failures += _unreadable(material, [member for member in members if member.digest not in gone])
    return [Lacking(failure, LeftOut(failure.digest, failure.reason)) for failure in failures]


def _absent(node: Node, members: Sequence[Member]) -> Iterator[Failure]:
    for member in members:
        try:
            if not node.store.contains(member.digest):
                yield Failure(member.digest, "absent", _ABSENT)
        except HashstoreError as error:
            yield Failure(member.digest, "absent", f"cannot be looked for: {error}")


def _unreadable(material: NodeMaterial, members: Sequence[Member]) -> tuple[Failure, ...]:
    try:
        material.pictures(members)
    except MembersLost as error:
        return error.failures
    return ()
