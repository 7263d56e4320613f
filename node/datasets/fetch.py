"""Bring a version of a dataset from peers: what says what it is, then the images; all of it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.manifest import ManifestRoot, lines_of, read_manifest
from manifests.errors import ManifestError
from manifests.members import MemberList
from node.compose import Node
from node.datasets.known import KnownDataset, given_dataset, members_of_dataset, opened_manifest
from node.datasets.told import datasheet_of
from node.errors import DatasetError
from node.peers.bring import Outcome
from node.peers.examine import examine_statement
from node.slices.bringing import Fetch
from node.slices.known import checked
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.box import RdfBox
from provenance.statement.kinds import Slice
from provenance.statement.kinds.slice import read_slice
from provenance.statement.signers import signers_of

_BATCH = 2_000


def bring_statements(
    fetch: Fetch, node: Node, digest: Digest, shown: Callable[[KnownDataset], bool]
) -> tuple[KnownDataset, Slice]:
    """Bring and check what says what a version is: statement, slice, manifest, datasheet, labels.

    Args:
        fetch: How bytes come here.
        node: The node that they come to.
        digest: The version's statement.
        shown: Brings what a peer shows of a manifest that was withdrawn; whether there was any.

    Raises:
        DatasetError: nobody has it, or it does not hold.
    """
    _bring(fetch, [digest], "statement")
    _check_statement(node, digest)
    known = given_dataset(node, digest)
    if known is None:
        raise DatasetError(f"{digest} is no version of a dataset.")
    version = known.version
    recipe = version.recipe
    _bring(fetch, [version.slice], "slice")
    _check_statement(node, version.slice)
    chosen = _slice(node, version.slice)
    _bring(fetch, [chosen.members, *([recipe.left_out] if recipe.left_out else [])], "list")
    outcomes = dict(fetch(version.telling))
    lost = [one for one, outcome in outcomes.items() if outcome not in (Outcome.HERE, Outcome.FETCHED)]
    # Where members were withdrawn, a publisher shows the rest of the manifest, and no datasheet or labels.
    if lost and not (version.manifest in lost and shown(known)):
        _bring(fetch, lost, "part")
    _check_manifest(node, known, chosen)
    return known, chosen


def bring_members(fetch: Fetch, node: Node, known: KnownDataset) -> Iterator[tuple[Digest, Outcome]]:
    """Bring the images of a version; what is here already is not fetched."""
    waiting = (member.digest for member in members_of_dataset(node, known))
    while batch := list(islice(waiting, _BATCH)):
        yield from fetch(batch)


def _bring(fetch: Fetch, digests: Iterable[Digest], what: str) -> None:
    for digest, outcome in fetch(list(digests)):
        if outcome is Outcome.WITHDRAWN:
            raise DatasetError(
                f"The {what} {digest} was withdrawn. Whoever made the dataset may have a newer version."
            )
        if outcome is Outcome.NOWHERE:
            raise DatasetError(
                f"Nobody who was asked has the {what} {digest}. Name a node that has it with --from URL."
            )


def _check_statement(node: Node, digest: Digest) -> None:
    with RdfBox() as box:
        found = examine_statement(node.store.read(digest), box.canonicalise)
    if isinstance(found, str):
        raise DatasetError(f"The statement {digest} is not to be relied on: {found}.")


def _slice(node: Node, digest: Digest) -> Slice:
    try:
        return read_slice(parse_statement(node.store.read(digest)))
    except ProvenanceError as error:
        raise DatasetError(f"The dataset was made of {digest}, which is no slice: {error}") from error


def _check_manifest(node: Node, known: KnownDataset, chosen: Slice) -> None:
    """Hold statement, list of members and manifest against each other, the statement to its own signer."""
    version = known.version
    try:
        if version.agent not in signers_of(parse_statement(node.store.read(known.digest))):
            raise DatasetError(f"The dataset {known.digest} is not signed by whom it names.")
        members = checked(chosen, MemberList(node.store.read(chosen.members)))
        tree = ManifestRoot()
        with opened_manifest(node, known) as lines:
            for entry in read_manifest(lines_of(lines)):
                tree.add(entry)
        datasheet_of(node, known)
    except (ManifestError, HashstoreError, ProvenanceError) as error:
        raise DatasetError(f"The dataset {known.digest} does not hold: {error}") from error
    if (tree.count, tree.root) != (version.count, version.manifest_root):
        raise DatasetError(
            f"The dataset {known.digest} says that it has {version.count} members under "
            f"{version.manifest_root}, and its manifest has {tree.count} under {tree.root}."
        )
    strangers = sum(member.digest not in members for member in members_of_dataset(node, known))
    if strangers:
        raise DatasetError(
            f"{strangers} members of the dataset {known.digest} are none of the slice that it was made of."
        )
