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


def export_dataset(
    node: Node,
    known: KnownDataset,
    exporter: Exporter,
    place: str,
    *,
    resume: bool = False,
    leave_out: bool = False,
    on_file: Callable[[Entry], None] = lambda entry: None,
) -> Exported:
    """Export a version; at the place nothing is seen of it before it is whole.

    Args:
        node: The node.
        known: The version.
        exporter: The format.
        place: A path, a path that ends in .tar, or the URL of a bucket and prefix.
        resume: Go on with an unfinished export.
        leave_out: Export what can be had, and name in the manifest what cannot; otherwise nothing is
            exported.
        on_file: Told of each file that is there.

    Raises:
        MembersLost: members cannot be handed over, each with the reason.
        ManifestError: the place is taken or cannot be written, or the format needs what is not there.
        NodeError: the dataset's manifest is not here, or the place's address cannot be read.
    """
    every = NodeMaterial(node, known)
    missing = lacking(node, known, every, pictures=exporter.needs_pictures)
    failures = tuple(one.failure for one in missing)
    if failures and not leave_out:
        raise MembersLost(failures)
    material = every.without(frozenset(failure.digest for failure in failures))
    job = Job(
        known.digest,
        known.version.manifest,
        exporter.name,
        exporter.version,
        tuple(one.left_out for one in missing),
    )
    time = int(known.version.made.timestamp())
    with opened_place(node, place, job, time, resume=resume) as (sink, unfinished):
        look = partial(_require_still_shown, node, known, missing)
        finished = write_export(exporter, material, sink, unfinished, on_file, look)
        sink.publish()
        unfinished.remove()
    return Exported(finished, failures)


def _require_still_shown(node: Node, known: KnownDataset, missing: Sequence[Lacking]) -> None:
    """Look once more before anything is seen: what was withdrawn while it was copied must not come out."""
    expected = {one.failure.digest for one in missing}
    gone = [one.failure for one in hidden_now(node, known) if one.failure.digest not in expected]
    if gone:
        raise MembersLost(tuple(replace(failure, words=f"{failure.words} (meanwhile)") for failure in gone))
