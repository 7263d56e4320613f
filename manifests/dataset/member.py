"""One member of a dataset: an image, what shows it, its rights, its label and its split."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hashstore.canonical import MAX_INTEGER, Json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import DamagedManifest

_CONTROL: Final = re.compile("[\x00-\x1f]")
SPLITS: Final = ("train", "validation", "test")
# Of objects under ASCII names without fractions this is the canonical form, and five times quicker to print.
_PRINTER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_TEXTS: Final = {  # member of the line: attribute
    "media": "media",
    "specimen": "specimen",
    "license": "license",
    "creator": "creator",
    "rightsHolder": "rights_holder",
    "label": "label",
    "split": "split",
}


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image, in pixels of the upright image (EXIF orientation applied), from its top left.

    Attributes:
        label: What the part shows.
        box: Left, top, width and height; None if a polygon alone says where.
        polygon: Corners (x, y) in order, without the first one again at the end; empty if there is none.
    """

    label: str
    box: tuple[int, int, int, int] | None
    polygon: tuple[tuple[int, int], ...] = ()

    def document(self) -> dict[str, Json]:
        """The region as JSON."""
        found: dict[str, Json] = {"label": self.label}
        if self.box is not None:
            found["box"] = list(self.box)
        if self.polygon:
            found["polygon"] = [list(corner) for corner in self.polygon]
        return found


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a dataset version.

    Attributes:
        digest: Of the image's bytes as received.
        size: In bytes.
        media_type: Of the bytes, such as image/jpeg.
        media: Row URI of the media row that shows it; None if no row does.
        specimen: Row URI of the specimen row; None if there is none.
        license: SPDX identifier of the medium's licence; None if it is unknown.
        creator: Who made the medium, as published.
        rights_holder: Who holds the rights in it, as published.
        attribution: The credit to print with it; empty if nobody is known.
        label: Class of the whole image.
        split: train, validation or test.
        regions: Labelled parts.
    """

    digest: Digest
    size: int
    media_type: str
    media: str | None
    specimen: str | None
    license: str | None
    creator: str | None
    rights_holder: str | None
    attribution: str
    label: str | None
    split: str | None
    regions: tuple[Region, ...] = ()

    def document(self) -> dict[str, Json]:
        """The member as JSON; what is not known is left out."""
        found: dict[str, Json] = {
            "digest": self.digest.uri,
            "size": self.size,
            "mediaType": self.media_type,
            "attribution": self.attribution,
        }
        for name, attribute in _TEXTS.items():
            if (value := getattr(self, attribute)) is not None:
                found[name] = value
        if self.regions:
            found["regions"] = [region.document() for region in self.regions]
        return found

    def line(self) -> bytes:
        """The member's one written form: a line of the manifest (RFC 8785, then a newline).

        Raises:
            DamagedManifest: a text of it holds half of a surrogate pair.
        """
        try:
            return _PRINTER.encode(self.document()).encode() + b"\n"
        except UnicodeEncodeError as error:
            raise DamagedManifest(f"{self.digest}: a text holds half of a surrogate pair") from error


def read_member(line: bytes) -> Member:
    """Read a line of a manifest, with or without the newline at its end.

    Raises:
        DamagedManifest: it is no such line, or not in its one written form.
    """
    try:
        found = _member(_mapping(parse_json(line.removesuffix(b"\n"))))
    except (KeyError, TypeError, ValueError, HashstoreError) as error:
        raise DamagedManifest(f"A line of the manifest cannot be read: {error}") from error
    if found.line() != line.removesuffix(b"\n") + b"\n":
        raise DamagedManifest(f"The manifest's line on {found.digest} is not in its one written form.")
    return found


def _member(document: Mapping[str, Any]) -> Member:
    texts = {attribute: _text(document, name) for name, attribute in _TEXTS.items()}
    attribution = _text(document, "attribution")
    media_type = _text(document, "mediaType")
    if attribution is None or media_type is None or texts["split"] not in (None, *SPLITS):
        raise ValueError("attribution or mediaType is missing, or split is none of train, validation, test")
    return Member(
        digest=Digest.parse(document["digest"]),
        size=_count(document["size"]),
        media_type=media_type,
        attribution=attribution,
        regions=tuple(_region(_mapping(part)) for part in document.get("regions", ())),
        **texts,
    )


def _region(document: Mapping[str, Any]) -> Region:
    label = _text(document, "label")
    if label is None:
        raise ValueError("a region has no label")
    box = document.get("box")
    polygon = tuple(_corner(corner) for corner in document.get("polygon", ()))
    if box is None and not polygon:
        raise ValueError("a region has neither box nor polygon")
    return Region(label, None if box is None else _box(box), polygon)


def _box(numbers: Sequence[Any]) -> tuple[int, int, int, int]:
    left, top, width, height = (_count(number) for number in numbers)
    return left, top, width, height


def _corner(numbers: Sequence[Any]) -> tuple[int, int]:
    x, y = (_count(number) for number in numbers)
    return x, y


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"a {type(value).__name__} stands where an object should")
    return value


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    if value is not None and _CONTROL.search(value):
        # No row has one (spec/segments.md); in a text file it would begin a line that says something else.
        raise ValueError(f"{name} holds a control character")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise ValueError(f"{value!r} is no count")
    return value
