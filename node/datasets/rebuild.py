"""Make the manifest of a version again out of rows that are here, and say whether it is the same."""

from __future__ import annotations

from dataclasses import dataclass

from hashstore.errors import HashstoreError
from manifests.dataset.comparison import Comparison
from manifests.errors import ManifestError
from node.compose import Node
from node.datasets.compose import made_again
from node.datasets.known import KnownDataset, members_of_dataset
from node.errors import NodeError
from node.index import Index
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds.slice import read_slice


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of making a manifest again.

    Attributes:
        reason: Why it could not be made; None if it could.
        identical: Whether manifest and datasheet are the same, byte for byte.
        added: Members that the rows give and the manifest has not.
        removed: Members that the manifest has and the rows do not give.
        changed: Members of which the rows say something else.
    """

    reason: str | None = None
    identical: bool = False
    added: int = 0
    removed: int = 0
    changed: int = 0

    @property
    def words(self) -> str:
        """The outcome for people."""
        if self.reason is not None:
            return f"Not made again from the rows: {self.reason}"
        if self.identical:
            return "Made again from the rows, the manifest is IDENTICAL."
        return (
            f"Made again from the rows, the manifest DIFFERS: {self.added:,} members more, {self.removed:,} "
            f"fewer, {self.changed:,} others. Do not rely on it; tell who made it."
        )


def rebuild(node: Node, index: Index, known: KnownDataset) -> Rebuilt:
    """Make manifest and datasheet again from slice and recipe; compare them with those of the statement."""
    version = known.version
    comparison = Comparison(members_of_dataset(node, known))
    try:
        chosen = read_slice(parse_statement(node.store.read(version.slice)))
        manifest, datasheet = made_again(node, index, chosen, version, comparison)
    except (NodeError, ManifestError, HashstoreError, ProvenanceError) as error:
        return Rebuilt(str(error))
    identical = (manifest, datasheet) == (version.manifest, version.datasheet)
    removed = len(comparison.removed)
    return Rebuilt(None, identical, comparison.added, removed, comparison.changed)
