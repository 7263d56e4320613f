"""Which members of a dataset cannot be handed over now, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hashstore.errors import HashstoreError
from manifests.dataset.member import Member
from manifests.export.errors import MembersLost
from manifests.export.model import Failure
from manifests.export.pictured import in_batches
from node.compose import Node
from node.datasets.known import KnownDataset, members_of_dataset
from node.datasets.shown import hidden_members
from node.export.material import NodeMaterial

_HIDDEN = "was withdrawn, or is withheld here"
_ABSENT = "is not here. Bring it: vasculum dataset fetch"


def hidden_now(node: Node, known: KnownDataset) -> list[Failure]:
    """The members that policy does not let out (any more)."""
    with node.index() as index:
        return [
            Failure(digest, "hidden", _HIDDEN)
            for batch in in_batches(members_of_dataset(node, known))
            for digest in sorted(hidden_members(index, batch))
        ]


def failures(node: Node, known: KnownDataset, material: NodeMaterial, *, pictures: bool) -> list[Failure]:
    """Every member that an export would stumble over, but for damaged ones: that shows when they are read.

    Args:
        node: The node.
        known: The dataset version.
        material: The same as exporters see it; learns the pictures.
        pictures: Whether sizes of images are needed.
    """
    found = hidden_now(node, known)
    hidden = {failure.digest for failure in found}
    for batch in in_batches(material.members()):
        shown = [member for member in batch if member.digest not in hidden]
        absent = list(_absent(node, shown))
        found += absent
        gone = {failure.digest for failure in absent}
        if pictures:
            found += _unreadable(material, [member for member in shown if member.digest not in gone])
    return sorted(found, key=lambda failure: failure.digest)


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
