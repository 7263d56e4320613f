"""What lies where on a herbarium sheet, or beside a specimen in a tray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.saliency import NETWORK
from analyzers.models.session import RUNTIME
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import MOST_RUNS, Box, Mask
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.vision.charts import Chart
    from analyzers.vision.graduation import Ruler
    from analyzers.vision.placing import Placing
    from analyzers.vision.salient import Salient
    from analyzers.vision.segments import Segment

DESCRIPTION: Final = Description(
    name="sheet-segments",
    version="2",
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
    models=(NETWORK,),
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=(RUNTIME, "opencv-contrib-python-headless", "zxing-cpp"),
    citation="Qin and others, U2-Net, Pattern Recognition 106, 2020",
)


class SheetSegments:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Load the network."""
        from analyzers.vision.salient import salient_by

        return partial(read, salient=salient_by(models[NETWORK.name]))


def read(picture: Picture, salient: Salient | None) -> Sequence[Finding]:
    """All that lies in a picture.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.placing import placing

    pixels = picture.pixels()
    where = placing(picture, pixels)
    taken = taken_apart(pixels, salient)
    told = [
        Finding(
            thing.kind,
            region=where.polygon((float(x), float(y)) for x, y in thing.outline),
            confidence=decimal_text(thing.sure, 2),
        )
        for thing in taken.things
    ]
    return [*_specimen(taken.specimen, where), *told]


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture taken apart.

    Attributes:
        things: What lies in it beside the specimen.
        specimen: Which of its pixels are the specimen's.
        ruler: Its ruler, if it can be read.
        chart: Its colour chart.
    """

    things: Sequence[Segment]
    specimen: npt.NDArray[np.bool_]
    ruler: Ruler | None
    chart: Chart | None


def taken_apart(pixels: Pixels, salient: Salient | None) -> Taken:
    """What lies in a picture.

    Args:
        pixels: Upright RGB.
        salient: Tells what stands out; None for rules alone.
    """
    from analyzers.vision.charts import find_chart
    from analyzers.vision.rulers import find_ruler
    from analyzers.vision.segments import Segment, find_segments

    known, ruler, chart = [*_codes(pixels)], find_ruler(pixels), find_chart(pixels)
    known += [Segment("ruler", ruler.outline, ruler.sure)] if ruler else []
    known += [Segment("colour-checker", chart.outline, chart.sure)] if chart else []
    found = find_segments(pixels, [thing.outline for thing in known], salient)
    return Taken([*found.things, *known], found.specimen, ruler, chart)


def _codes(pixels: Pixels) -> Iterator[Segment]:
    import zxingcpp

    from analyzers.vision.segments import Segment

    for code in zxingcpp.read_barcodes(pixels):
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        yield Segment("barcode", np.array([(one.x, one.y) for one in corners], np.float64), 0.99)


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
