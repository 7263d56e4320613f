"""What the rows of a slice say of one image, before labels, choice and split make a member of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hashstore.digest import Digest

# How a datasheet looks at specimens; the order is that of its tables.
FACETS: Final = ("country", "decade", "class", "family", "institution", "typeStatus")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image as its rows describe it.

    Attributes:
        digest: Of its bytes.
        size: In bytes.
        media_type: As its server declared it.
        media: Row URI of the media row that is taken.
        specimen: Row URI of that row's specimen.
        license: SPDX identifier; None if it is unknown or rows contradict one another.
        contradictory: Whether they do.
        creator: Of the medium.
        rights_holder: Of the medium.
        attribution: The credit.
        label: Value of the column that gives labels.
        specimens: Names of all specimens that it shows, alike on every node.
        gatherings: Keys of the gatherings that they are from.
        side: Pixels on its shorter side; None if no log tells.
        pixels: Digest of its decoded pixels, in hex; None if no log tells.
        facets: A value for each of `FACETS`; None where it is not known.
    """

    digest: Digest
    size: int
    media_type: str
    media: str | None = None
    specimen: str | None = None
    license: str | None = None
    contradictory: bool = False
    creator: str | None = None
    rights_holder: str | None = None
    attribution: str = ""
    label: str | None = None
    specimens: tuple[str, ...] = ()
    gatherings: tuple[str, ...] = ()
    side: int | None = None
    pixels: str | None = None
    facets: tuple[str | None, ...] = field(default=(None,) * len(FACETS))
