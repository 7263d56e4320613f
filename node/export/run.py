"""Export a version of a dataset to a place, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from manifests.export.errors import MembersLost
from manifests.export.interface import Exporter
from manifests.export.manifest import Job
from manifests.export.model import Entry, Failure
from manifests.export.run import Finished, write_export
from node.compose import Node
from node.datasets.known import KnownDataset
from node.export.check import Lacking, hidden_now, lacking
from node.export.material import NodeMaterial
from node.export.place import opened_place


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of it.

    Attributes:
        finished: The export.
        left_out: Members that it lacks.
    """

    finished: Finished
    left_out: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A version whose members have been looked at, so that it can be exported.

    Attributes:
        node: The node.
        known: The version.
        exporter: The format.
        missing: Members that cannot be handed over.
        material: The others.
    """

    node: Node
    known: KnownDataset
    exporter: Exporter
    missing: tuple[Lacking, ...]
    material: NodeMaterial

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What is missing, and why."""
        return tuple(one.failure for one in self.missing)


def look_through(
    node: Node,
    known: KnownDataset,
    exporter: Exporter,
    *,
    leave_out: bool = False,
    on_looked: Callable[[int], None] = lambda members: None,
) -> Ready:
    """See whether all members can be handed over, before anything is written.

    Args:
        node: The node.
        known: The version.
        exporter: The format.
        leave_out: Export what can be had, and name in the manifest what cannot; otherwise nothing is
            exported.
        on_looked: Told how many more members have been looked at.

    Raises:
        MembersLost: members cannot be handed over, each with the reason.
        NodeError: the dataset's manifest is not here.
    """
    every = NodeMaterial(node, known)
    missing = lacking(node, known, every, pictures=exporter.needs_pictures, on_looked=on_looked)
    failures = tuple(one.failure for one in missing)
    if failures and not leave_out:
        raise MembersLost(failures)
    material = every.without(frozenset(failure.digest for failure in failures))
    return Ready(node, known, exporter, tuple(missing), material)


def export_dataset(
    ready: Ready, place: str, *, resume: bool = False, on_file: Callable[[Entry], None] = lambda entry: None
) -> Exported:
    """Export a version; at the place nothing is seen of it before it is whole.

    Args:
        ready: The version and the format.
        place: A path, a path that ends in .tar or .zip, or the URL of a bucket and prefix.
        resume: Go on with an unfinished export.
        on_file: Told of each file that is there.

    Raises:
        MembersLost: members vanished or were withdrawn meanwhile.
        ManifestError: the place is taken or cannot be written, or the format needs what is not there.
        NodeError: the dataset's manifest is not here, or the place's address cannot be read.
    """
    node, known = ready.node, ready.known
    job = Job(
        known.digest,
        known.version.manifest,
        ready.exporter.name,
        ready.exporter.version,
        tuple(one.left_out for one in ready.missing),
    )
    time = int(known.version.made.timestamp())
    with opened_place(node, place, job, time, resume=resume) as (sink, unfinished):
        look = partial(_require_still_shown, node, known, ready.missing)
        finished = write_export(ready.exporter, ready.material, sink, unfinished, on_file, look)
        sink.publish()
        unfinished.remove()
    return Exported(finished, ready.failures)


def _require_still_shown(node: Node, known: KnownDataset, missing: Sequence[Lacking]) -> None:
    """Look once more before anything is seen: what was withdrawn while it was copied must not come out."""
    expected = {one.failure.digest for one in missing}
    gone = [one.failure for one in hidden_now(node, known) if one.failure.digest not in expected]
    if gone:
        raise MembersLost(tuple(replace(failure, words=f"{failure.words} (meanwhile)") for failure in gone))
