"""How a manifest comes out of a slice: labels, choice, split; one recipe gives one manifest anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from hashstore.digest import Digest
from manifests.errors import RecipeRefused

_SHARES = re.compile(r"([0-9]{1,4})/([0-9]{1,4})/([0-9]{1,4})", re.ASCII)
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_LONGEST_SEED = 200
# What a row says of itself rather than of its specimen or picture.
_NO_LABELS = frozenset({"source", "sourceRow", "file", "id", "change", "revisionOf", "salt", "qualityFlags"})


class GroupBy(StrEnum):
    """What is never parted by a split."""

    SPECIMEN = "specimen"
    """All images of one specimen; specimens that share an image count as one."""
    GATHERING = "gathering"
    """All images of specimens with one gatheringKey too: duplicates that lie in several herbaria."""
    IMAGE = "image"
    """Only the image itself."""


@dataclass(frozen=True, slots=True)
class SplitRecipe:
    """How members are parted.

    Attributes:
        shares: Of train, validation and test, as whole numbers that are compared with their sum.
        seed: Any text.
        stratified: Whether each label is parted by itself.
        group_by: What stays together.
    """

    shares: tuple[int, int, int]
    seed: str
    stratified: bool
    group_by: GroupBy

    def __post_init__(self) -> None:
        if sum(self.shares) == 0:
            raise RecipeRefused("a split gives something to one of train, validation and test at least")
        if len(self.seed) > _LONGEST_SEED or any(ord(letter) < 32 for letter in self.seed):
            raise RecipeRefused(f"a seed is a text of up to {_LONGEST_SEED} characters without controls")

    @property
    def text(self) -> str:
        """The shares as people write them."""
        return "/".join(str(share) for share in self.shares)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done with the members of a slice.

    Attributes:
        label_by: The column (of the specimen table, else of the media table) that is the label.
        labels: The labels file (spec/datasets.md) that gives labels and regions instead.
        only_labelled: Whether members without a label and without regions are left out.
        segments_of: Only members with a region of this label, and only these regions.
        smallest: Members of fewer bytes are left out.
        largest: Members of more bytes are left out.
        shortest_side: Members whose shorter side has fewer pixels, or of which no log tells it, are left out.
        split: How they are parted; None if they are not.
        left_out: The list (32 bytes each, ascending) of members that were hidden where it was made.
    """

    label_by: str | None = None
    labels: Digest | None = None
    only_labelled: bool = False
    segments_of: str | None = None
    smallest: int | None = None
    largest: int | None = None
    shortest_side: int | None = None
    split: SplitRecipe | None = None
    left_out: Digest | None = None

    def __post_init__(self) -> None:
        if self.label_by is not None and self.labels is not None:
            raise RecipeRefused("labels come from a column or from a file, not from both")
        if self.label_by is not None and not _COLUMN.fullmatch(self.label_by):
            raise RecipeRefused(f"{self.label_by!r} is no name of a column to take labels from")
        if self.segments_of is not None and self.labels is None:
            raise RecipeRefused("segments of a class need labels that say where they are")
        if self.split is not None and self.split.stratified and not self.has_labels:
            raise RecipeRefused("a split can only be stratified by labels; give some")

    @property
    def has_labels(self) -> bool:
        """Whether members may have labels."""
        return self.label_by is not None or self.labels is not None

    def takes(self, size: int, side: int | None) -> bool:
        """Whether a member of so many bytes, and so many pixels on its shorter side, is taken."""
        wide = self.shortest_side is None or (side is not None and side >= self.shortest_side)
        return wide and (self.smallest or 0) <= size and (self.largest is None or size <= self.largest)


def label_table(column: str) -> str:
    """The table whose column of this name gives labels.

    Raises:
        RecipeRefused: no table has such a column, or it says nothing of specimen or picture.
    """
    from manifests.tables import (
        MEDIA,
        SPECIMEN,
    )  # brings pyarrow, for which checking a citation must not wait

    for schema in (SPECIMEN, MEDIA):
        for found in schema.columns:
            if found.name == column and found.type == "string" and column not in _NO_LABELS:
                return schema.name
    raise RecipeRefused(
        f"there is no column {column!r} to take labels from; there are scientificName, family, genus, "
        "typeStatus and others (spec/segments.md)"
    )


def parse_shares(text: str) -> tuple[int, int, int]:
    """Read shares such as 80/10/10.

    Raises:
        RecipeRefused: it is something else.
    """
    found = _SHARES.fullmatch(text)
    if found is None:
        raise RecipeRefused(
            f"a split is three whole numbers for train, validation and test, such as 80/10/10; not {text!r}"
        )
    return int(found[1]), int(found[2]), int(found[3])
