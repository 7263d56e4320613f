"""What runs in the box: images in, derivatives out; called by name, with JSON (crawlers/box.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from crawlers.fetch.sniff import NEEDED, image_type
from node.disclosure.images import jpeg, png
from node.disclosure.images.errors import NotUnderstood
from node.disclosure.images.places import says_where

_LARGEST = 1 << 30  # bytes; an image is read whole


class Verdict(StrEnum):
    """What became of one image."""

    CLEANED = "cleaned"
    SILENT = "silent"  # it says nothing of a place, and was not to be cleaned then
    NO_IMAGE = "no-image"
    NOT_UNDERSTOOD = "not-understood"


def clean_images(orders: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Clean some images.

    Args:
        orders: For each its `path`, where its derivative goes (`out`), and whether it is cleaned `always` or
            only where it says where it was taken.

    Returns:
        For each a `verdict`, its `mediaType`, and the `reason` where it was not understood.
    """
    return [_clean(Path(order["path"]), Path(order["out"]), bool(order["always"])) for order in orders]


def _clean(path: Path, out: Path, always: bool) -> dict[str, str]:
    with path.open("rb") as file:
        kind = image_type(file.read(NEEDED))
    if kind is None:
        return {"verdict": Verdict.NO_IMAGE, "mediaType": "", "reason": "it is no image"}
    try:
        if path.stat().st_size > _LARGEST:
            raise NotUnderstood("it is too large to be cleaned")
        data = path.read_bytes()
        if not always and not says_where(_metadata(kind, data)):
            return {"verdict": Verdict.SILENT, "mediaType": kind, "reason": ""}
        out.write_bytes(_cleaned(kind, data))
    except NotUnderstood as refusal:
        return {"verdict": Verdict.NOT_UNDERSTOOD, "mediaType": kind, "reason": str(refusal)}
    return {"verdict": Verdict.CLEANED, "mediaType": kind, "reason": ""}


def _metadata(kind: str, data: bytes) -> Iterable[bytes]:
    match kind:
        case "image/jpeg":
            return jpeg.metadata_of(data)
        case "image/png":
            return png.metadata_of(data)
        case _:
            raise NotUnderstood(f"what {kind} says of its place cannot be read here")


def _cleaned(kind: str, data: bytes) -> bytes:
    match kind:
        case "image/jpeg":
            return jpeg.cleaned_jpeg(data)
        case "image/png":
            return png.cleaned_png(data)
        case _:
            raise NotUnderstood(f"{kind} cannot be cleaned here")
