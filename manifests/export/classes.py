"""The classes of a dataset: its labels in the order of their characters, numbered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from manifests.dataset.member import Member
from manifests.export.errors import ExportRefused
from manifests.export.interface import Material


def labels_of(member: Member) -> Iterator[str]:
    """The label of the whole image, then those of its parts."""
    if member.label is not None:
        yield member.label
    for region in member.regions:
        yield region.label


def classes(material: Material, first: int) -> Mapping[str, int]:
    """The number of each label.

    Args:
        material: The dataset.
        first: The number of the first label.
    """
    labels = {label for member in material.members() for label in labels_of(member)}
    return {label: number for number, label in enumerate(sorted(labels), first)}


def require_labels(found: Mapping[str, int], format_name: str) -> None:
    """Refuse a dataset without labels.

    Raises:
        ExportRefused: no member has a label.
    """
    if not found:
        raise ExportRefused(
            f"No image of this dataset has a label, and {format_name} is about labels. Make the dataset with "
            "--label-by or --labels, or export it as webdataset, parquet, bagit or ro-crate."
        )


def splits(material: Material) -> tuple[str | None, ...]:
    """The splits that occur, None for members of no split, in a fixed order."""
    found = {member.split for member in material.members()}
    return tuple(split for split in ("train", "validation", "test", None) if split in found)


def of_split(material: Material, split: str | None) -> Iterator[Member]:
    """The members of a split, in their order."""
    return (member for member in material.members() if member.split == split)
