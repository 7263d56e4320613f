"""Widths and heights of strangers' images: their headers are read in a box, many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from crawlers.box import BoxError, BoxLimits, run_boxed
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.export.errors import MembersLost
from manifests.export.model import Failure, Picture
from node.storage import NodeStore

_LIMITS: Final = BoxLimits(address_space=4 << 30, cpu=300, wall=600.0)
_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000", "BMP", "AVIF", "MPO")
_ORIENTATION: Final = 0x0112
_TURNED: Final = frozenset({5, 6, 7, 8})  # orientations of TIFF 6.0 whose rows are the picture's columns
_LARGEST_SIDE: Final = 1 << 20  # pixels; what says more is no picture


def read_pictures(store: NodeStore, digests: Sequence[Digest]) -> list[Picture]:
    """What the headers of some images tell, in their order.

    Raises:
        MembersLost: some cannot be read; all of these are named.
    """
    paths, failures = [], []
    for digest in digests:
        try:
            paths.append(str(store.path(digest)))
        except HashstoreError as error:
            failures.append(Failure(digest, "absent", f"cannot be read: {error}"))
    if failures:
        raise MembersLost(tuple(failures))
    answers = _answers(paths)
    failures = [
        Failure(digest, "unreadable", f"is no image whose size can be read: {answer['fault']}")
        for digest, answer in zip(digests, answers, strict=True)
        if "fault" in answer
    ]
    if failures:
        raise MembersLost(tuple(failures))
    return [Picture(answer["width"], answer["height"], answer["bands"]) for answer in answers]


def _answers(paths: list[str]) -> list[Mapping[str, Any]]:
    """What the box says of each; if one image brings it down, the halves are tried apart."""
    try:
        found = run_boxed("node.export.headers:read_headers", {"paths": paths}, _LIMITS)
    except BoxError as error:
        if len(paths) == 1:
            return [{"fault": str(error)}]
        half = len(paths) // 2
        return _answers(paths[:half]) + _answers(paths[half:])
    assert isinstance(found, list)
    return found


def read_headers(paths: Sequence[str]) -> list[dict[str, Any]]:
    """What runs in the box: `width`, `height` and `bands` of each image, or its `fault` in words."""
    from PIL import Image

    # Nothing is decoded here, so that a large picture costs no memory.
    Image.MAX_IMAGE_PIXELS = None
    return [_header(Path(path)) for path in paths]


def _header(path: Path) -> dict[str, Any]:
    from PIL import Image

    try:
        with Image.open(path, formats=_FORMATS) as image:
            width, height = image.size
            if image.getexif().get(_ORIENTATION) in _TURNED:
                width, height = height, width
            bands = len(image.getbands())
    except FileNotFoundError:
        return {"fault": "its bytes are not here"}
    except Exception as error:  # a stranger's bytes may make a decoder raise anything
        return {"fault": " ".join(f"{type(error).__name__}: {error}".split())[:200].replace(str(path), "it")}
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        return {"fault": f"it says that it has {width} x {height} pixels"}
    return {"width": width, "height": height, "bands": bands}
