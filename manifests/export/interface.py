"""What a format is, and what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Protocol, TypeAlias, runtime_checkable

from hashstore.digest import Digest
from manifests.dataset.description import Description
from manifests.dataset.member import Member
from manifests.export.model import File, Picture

Row: TypeAlias = Mapping[str, Any]


class Material(Protocol):
    """A dataset version and all that may be told of its members. What is withheld is not in it."""

    @property
    def description(self) -> Description:
        """What the version says of itself."""

    def members(self) -> Iterator[Member]:
        """The members in ascending order of their digests; the same each time."""

    def open(self, digest: Digest) -> BinaryIO:
        """A member's bytes, verified as they are read.

        Raises:
            HashstoreError: they are not here, or damaged.
        """

    def rows(self, uris: Sequence[str]) -> Mapping[str, Row]:
        """The public rows of some row URIs; one that cannot be had is left out.

        Args:
            uris: A few thousand at most.
        """

    def pictures(self, members: Sequence[Member]) -> Sequence[Picture]:
        """What the headers of some images tell, in their order.

        Raises:
            MembersLost: one cannot be read.
        """


@runtime_checkable
class Exporter(Protocol):
    """A format.

    Attributes:
        name: As it is asked for.
        version: Changes whenever the bytes of an export would; stands in each export's manifest.
        about: What it is and who reads it, in a line.
        needs_pictures: Whether it asks for pictures of all members.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def needs_pictures(self) -> bool: ...

    def files(self, material: Material) -> Iterator[File]:
        """The files of an export, always the same for the same dataset version.

        Raises:
            ExportRefused: the dataset lacks what the format needs, such as labels.
        """
