"""Labels files: whoever labelled images says so in CSV (spec/datasets.md)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.member import Region
from manifests.errors import LabelsRefused

LARGEST: Final = 256 << 20
LONGEST_LABEL: Final = 500
_BOX = ("x", "y", "width", "height")
_COLUMNS = ("digest", "label", *_BOX, "polygon")
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a labels file says of one image.

    Attributes:
        label: Of the whole image; None if only parts have labels.
        regions: Labelled parts, in their order in the file.
    """

    label: str | None
    regions: tuple[Region, ...]


@dataclass(slots=True)
class _Said:
    label: str | None = None
    regions: list[Region] = field(default_factory=list)


def read_labels(data: bytes) -> Mapping[Digest, Labelled]:
    """Read a labels file: CSV (RFC 4180) in UTF-8 with a head `digest,label[,x,y,width,height[,polygon]]`.

    Raises:
        LabelsRefused: it cannot be read, or contradicts itself; the message names the line.
    """
    if len(data) > LARGEST:
        raise LabelsRefused(f"A labels file has at most {LARGEST:,} bytes, not {len(data):,}.")
    found: dict[Digest, _Said] = {}
    for line, row in _rows(data):
        digest, label = _digest(row["digest"], line), _label(row["label"], line)
        said = found.setdefault(digest, _Said())
        region = _region(row, label, line)
        if region is not None:
            said.regions.append(region)
        elif said.label not in (None, label):
            raise LabelsRefused(f"Line {line}: {digest} has the labels {said.label!r} and {label!r}.")
        else:
            said.label = label
    return {digest: Labelled(said.label, tuple(said.regions)) for digest, said in found.items()}


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        head = [name.strip() for name in next(reader, [])]
        _check_head(head)
        for cells in reader:
            if len(cells) != len(head):
                raise LabelsRefused(f"Line {reader.line_num} has {len(cells)} cells, the head {len(head)}.")
            yield reader.line_num, dict(zip(head, (cell.strip(" ") for cell in cells), strict=True))
    except UnicodeDecodeError as error:
        raise LabelsRefused(f"The labels file is not UTF-8 at byte {error.start}.") from error
    except csv.Error as error:
        raise LabelsRefused(f"Line {reader.line_num} is no CSV: {error}.") from error


def _check_head(head: list[str]) -> None:
    unknown = sorted(set(head) - set(_COLUMNS))
    some = [name for name in _BOX if name in head]
    if (
        len(set(head)) < len(head)
        or unknown
        or not {"digest", "label"} <= set(head)
        or len(some) not in (0, 4)
    ):
        raise LabelsRefused(
            "The first line of a labels file is digest,label and perhaps x,y,width,height and polygon; "
            f"this one has {','.join(head)[:200]!r}."
        )


def _digest(text: str, line: int) -> Digest:
    try:
        return Digest.parse(text)
    except HashstoreError as error:
        raise LabelsRefused(f"Line {line}: {error}") from error


def _label(text: str, line: int) -> str:
    if not text or len(text) > LONGEST_LABEL or _CONTROL.search(text):
        raise LabelsRefused(f"Line {line}: a label is a text of 1 to {LONGEST_LABEL} characters on one line.")
    return text


def _region(row: Mapping[str, str], label: str, line: int) -> Region | None:
    numbers = [row.get(name, "") for name in _BOX]
    corners = row.get("polygon", "").split()
    if not any(numbers) and not corners:
        return None
    if any(numbers) and not all(_NUMBER.fullmatch(number) for number in numbers):
        raise LabelsRefused(f"Line {line}: x, y, width and height are whole numbers of pixels, or all empty.")
    if len(corners) % 2 or len(corners) in (2, 4) or not all(_NUMBER.fullmatch(part) for part in corners):
        raise LabelsRefused(
            f"Line {line}: a polygon is three corners or more, 'x y x y x y', in whole pixels."
        )
    box = None
    if any(numbers):
        left, top, width, height = (int(number) for number in numbers)
        box = (left, top, width, height)
        if not width or not height:
            raise LabelsRefused(f"Line {line}: a box without width or height holds nothing.")
    points = [int(part) for part in corners]
    return Region(label, box, tuple(zip(points[::2], points[1::2], strict=True)))
