"""What lies where on a herbarium sheet, or beside a specimen in a tray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import MOST_RUNS, Box, Mask
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.vision.placing import Placing
    from analyzers.vision.segments import Segment

DESCRIPTION: Final = Description(
    name="sheet-segments",
    version="1",
    task=Task.SEGMENT,
    about="Specimen, labels, ruler, colour chart, barcodes, stamps and envelopes of a sheet or tray.",
    kinds={
        "specimen": "The specimen, all parts of it, pixel by pixel.",
        "label": "A paper with writing, or a block of writing on the sheet itself.",
        "envelope": "A paper of some size without writing: a capsule or an envelope.",
        "stamp": "An oval stamp.",
        "ruler": "The ticks of a ruler.",
        "colour-checker": "The patches of a colour chart.",
        "barcode": "A barcode.",
    },
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=("opencv-contrib-python-headless", "zxing-cpp"),
)


class SheetSegments:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes neither."""
        return read


def read(picture: Picture) -> Sequence[Finding]:
    """All that lies in a picture.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.placing import placing

    pixels = picture.pixels()
    where = placing(picture, pixels)
    things, specimen = segments_of(pixels)
    told = [
        Finding(
            thing.kind,
            region=where.polygon((float(x), float(y)) for x, y in thing.outline),
            confidence=decimal_text(thing.sure, 2),
        )
        for thing in things
    ]
    return [*_specimen(specimen, where), *told]


def segments_of(pixels: Pixels) -> tuple[Sequence[Segment], npt.NDArray[np.bool_]]:
    """What lies in a picture, and which of its pixels are the specimen's."""
    from analyzers.vision.segments import find_segments

    known = [*_known(pixels)]
    found = find_segments(pixels, [thing.outline for thing in known])
    return [*found.things, *known], found.specimen


def _known(pixels: Pixels) -> Iterator[Segment]:
    """What is found exactly: codes, ruler and chart."""
    import zxingcpp

    from analyzers.vision.charts import find_chart
    from analyzers.vision.rulers import find_ruler
    from analyzers.vision.segments import Segment

    for code in zxingcpp.read_barcodes(pixels):
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        yield Segment("barcode", np.array([(one.x, one.y) for one in corners], np.float64), 0.99)
    if ruler := find_ruler(pixels):
        yield Segment("ruler", ruler.outline, ruler.sure)
    if chart := find_chart(pixels):
        yield Segment("colour-checker", chart.outline, chart.sure)


def _specimen(inside: npt.NDArray[np.bool_], where: Placing) -> Iterator[Finding]:
    region = specimen_region(inside, where)
    if region is not None:
        yield Finding("specimen", region=region, confidence="0.7")


def specimen_region(inside: npt.NDArray[np.bool_], where: Placing) -> Mask | Box | None:
    """A mask; its bounds where a mask would have too many runs; None where nothing is inside."""
    if not inside.any():
        return None
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    top, left = int(rows[0]), int(columns[0])
    cut = inside[top : rows[-1] + 1, left : columns[-1] + 1]
    mask = where.mask(cut, left, top)
    return mask if len(mask.runs) <= MOST_RUNS else mask.box


ANALYZER: Final = SheetSegments()
