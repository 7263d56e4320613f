"""A dataset as a node tells of it, checked against its digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.dataset.description import Description
from manifests.dataset.manifest import ManifestRoot, read_manifest
from manifests.dataset.member import Member
from node.errors import DatasetError
from provenance.statement.kinds import DatasetVersion


@dataclass(frozen=True, slots=True)
class RemoteDataset:
    """A version of a dataset.

    Attributes:
        description: What it says of itself.
        members: Its images in ascending order of their digests.
        hidden: How many more it had that were withdrawn since, or are withheld.
    """

    description: Description
    members: tuple[Member, ...]
    hidden: int = 0

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels of whole images, in the order of their characters: the place of each is its number."""
        return tuple(sorted({member.label for member in self.members if member.label is not None}))

    def of_split(self, split: str | None) -> tuple[Member, ...]:
        """The members of train, validation or test; None for those of no split."""
        return tuple(member for member in self.members if member.split == split)


def checked_dataset(description: Description, root: Digest, lines: Iterable[bytes]) -> RemoteDataset:
    """A dataset out of its manifest.

    Args:
        description: What its statement says.
        root: The root over the manifest's lines, by the statement.
        lines: The manifest. Leaf hashes may stand for members that are not shown any more.

    Raises:
        DatasetError: the lines do not have that root.
        DamagedManifest: one of them cannot be read.
    """
    tree, members = ManifestRoot(), []
    for entry in read_manifest(lines):
        tree.add(entry)
        if isinstance(entry, Member):
            members.append(entry)
    if (tree.root, tree.count) != (root, description.count):
        raise DatasetError(
            f"The manifest of {description.title!r} is not the one that its statement names. "
            "Ask another node for it, and tell this one's operator."
        )
    return RemoteDataset(description, tuple(members), tree.count - len(members))


def description_of(digest: Digest, version: DatasetVersion) -> Description:
    """What a version says of itself, out of its statement; in which log that stands is not known here."""
    return Description(
        statement=digest,
        manifest=version.manifest,
        count=version.count,
        title=version.title,
        creators=version.creators,
        license=version.license,
        version=version.number,
        made=version.made,
        publisher=version.publisher,
        origin="",
        description=version.description,
        keywords=version.keywords,
        kind=version.kind,
        metric=version.metric,
    )
