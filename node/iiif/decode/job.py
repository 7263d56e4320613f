"""What the decoding processes are asked for, by name and with JSON (analyzers/engine/worker.py).

Each function answers `{"fault": ...}` where an image cannot be shown. A process that an image brings down
answers nothing, and is replaced.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any, Final

from node.iiif.decode.colour import coloured
from node.iiif.decode.draw import draw
from node.iiif.decode.source import FaultyImage, Source, open_pyramid, open_stored
from node.iiif.decode.vips import library
from node.iiif.facts import Facts, Fault
from node.iiif.info import TILE
from node.iiif.plan import Box, Plan
from node.iiif.request import Format, Quality

Order = dict[str, Any]
_PYRAMID_QUALITY: Final = 90
_ROWS: Final = 256  # of a stored tile; some rows of tiles are in memory at once
_ROOM: Final = 256 << 20  # bytes without which a disk counts as full


def _telling(work: Callable[[Order], Order]) -> Callable[[Order], Order]:
    """Faults become values."""

    @wraps(work)
    def told(order: Order) -> Order:
        try:
            return work(order)
        except FaultyImage as error:
            return {"fault": error.fault.value}
        except MemoryError:
            return {"fault": Fault.TOO_LARGE.value}
        except OSError:
            return {"fault": Fault.NO_ROOM.value}
        except library().Error as error:
            return {
                "fault": _fault_of(str(error), Path(order["target"]) if "target" in order else None).value
            }

    return told


def _fault_of(words: str, target: Path | None) -> Fault:
    if "memory" in words.lower():
        return Fault.TOO_LARGE
    if target is not None and shutil.disk_usage(target.parent).free < _ROOM:
        return Fault.NO_ROOM
    return Fault.DAMAGED


@_telling
def look(order: Order) -> Order:
    """What an image is; one of at most `decoded` pixels is decoded whole, to see whether it is.

    Args:
        order: `path`, `most_pixels`, `decoded`.
    """
    source = open_stored(Path(order["path"]), order["most_pixels"])
    if source.width * source.height <= order["decoded"]:
        coloured(source.level(0)).avg()
    return asdict(Facts(source.kind, source.width, source.height, source.orientation))


@_telling
def render(order: Order) -> Order:
    """Make a part of an image.

    Args:
        order: `path` of the image or `pyramid` with `orientation`; `plan`; `target`, the file to make.
    """
    target = Path(order["target"])
    target.parent.mkdir(parents=True, exist_ok=True)
    _work_beside(target)
    data = draw(_source(order), read_plan(order["plan"]))
    fresh = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        fresh.write_bytes(data)
        fresh.replace(target)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
    return {"size": len(data)}


@_telling
def make_pyramid(order: Order) -> Order:
    """Make a tiled TIFF with all sizes of an image, in stored order of rows.

    Args:
        order: `path`, `most_pixels`, `target`.
    """
    target = Path(order["target"])
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{os.getpid()}.partial")
    _work_beside(target)
    source = open_stored(Path(order["path"]), order["most_pixels"])
    image = coloured(source.level(0))
    packed = (
        {"compression": "deflate", "predictor": "horizontal"}
        if image.hasalpha()
        else {"compression": "jpeg", "Q": _PYRAMID_QUALITY}
    )
    try:
        image.tiffsave(
            str(fresh), tile=True, tile_width=TILE, tile_height=_ROWS, pyramid=True, depth="onetile",
            bigtiff=True, region_shrink="mean", keep=0, **packed,
        )  # fmt: skip
        fresh.replace(target)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
    return {"size": target.stat().st_size}


def _work_beside(target: Path) -> None:
    """What libvips puts on disk while it works lies where the result will: there is room for large things."""
    os.environ["TMPDIR"] = str(target.parent)


def _source(order: Order) -> Source:
    if "pyramid" in order:
        return open_pyramid(Path(order["pyramid"]), order["orientation"])
    return open_stored(Path(order["path"]), order["most_pixels"])


def written_plan(plan: Plan) -> Order:
    """A plan as JSON."""
    box = plan.box
    return {
        "box": {"left": box.left, "top": box.top, "width": box.width, "height": box.height},
        "width": plan.width,
        "height": plan.height,
        "mirrored": plan.mirrored,
        "turn": str(plan.turn),
        "quality": plan.quality.value,
        "format": plan.format.value,
    }


def read_plan(document: Order) -> Plan:
    """A plan out of that."""
    return Plan(
        Box(**document["box"]), document["width"], document["height"], document["mirrored"],
        Fraction(document["turn"]), Quality(document["quality"]), Format(document["format"]),
    )  # fmt: skip
