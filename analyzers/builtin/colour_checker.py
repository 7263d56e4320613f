"""The colour chart of a picture, the profile that follows from it, and the corrected picture if asked."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Derivative, Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import Region
from hashstore.canonical import Json, canonical_json

if TYPE_CHECKING:
    from analyzers.vision.profile import Profile

_QUALITY: Final = 92

DESCRIPTION: Final = Description(
    name="colour-checker",
    version="1",
    task=Task.CORRECT,
    about="The colour chart or grey wedge, the profile that it gives, and the picture under that profile.",
    kinds={
        "colour-checker": "Where a colour chart or grey wedge is, and which.",
        "colour-profile": "What maps linear sRGB to what it should be: factors by term, as JSON.",
        "delta-e-before": "Mean CIEDE2000 of the chart's patches from what they should be.",
        "delta-e-after": "The same, each patch corrected by the profile that the others give.",
        "corrected-picture": "The picture under the profile, in sRGB.",
    },
    parameters={
        "profile": {
            "enum": ["matrix", "root-polynomial"],
            "default": "matrix",
            "description": "How light is mapped; the second keeps hues where light falls off.",
        },
        "corrected": {
            "enum": ["no", "png", "jpeg"],
            "default": "no",
            "description": "Whether the corrected picture is made, and in which format.",
        },
    },
    needs=Needs(memory=12 << 30, seconds=120.0),
    environment=("opencv-contrib-python-headless",),
    citation="Finlayson, Mackiewicz and Hurlbert, IEEE Transactions on Image Processing 24, 2015",
)


class ColourChecker:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes no models."""
        whole = {name: one["default"] for name, one in _schema().items()} | dict(parameters)
        return partial(read, model=str(whole["profile"]), corrected=str(whole["corrected"]))


def _schema() -> Mapping[str, Any]:
    return DESCRIPTION.parameters


def read(picture: Picture, model: str, corrected: str) -> Sequence[Finding]:
    """The chart of a picture and what follows from it; nothing where none is found.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.charts import find_chart
    from analyzers.vision.placing import placing
    from analyzers.vision.profile import Model, profile_of

    pixels = picture.pixels()
    chart = find_chart(pixels)
    if chart is None:
        return []
    where = placing(picture, pixels).polygon((float(x), float(y)) for x, y in chart.outline)
    found = Finding("colour-checker", region=where, text=chart.name, confidence=decimal_text(chart.sure, 2))
    profile = profile_of(chart, Model(model))
    if profile is None:
        return [found]
    return [found, *profile_findings(profile, where), *_made(pixels, profile, corrected)]


def profile_findings(profile: Profile, where: Region) -> Iterator[Finding]:
    """A profile, and how far the chart's patches are from what they should be without and with it."""
    rows: list[Json] = [[decimal_text(float(one), 6) for one in row] for row in profile.factors]
    document: dict[str, Json] = {"model": profile.model.value, "factors": rows}
    yield Finding("colour-profile", region=where, text=canonical_json(document).decode())
    yield Finding("delta-e-before", region=where, value=decimal_text(profile.before, 2))
    yield Finding("delta-e-after", region=where, value=decimal_text(profile.after, 2))


def _made(pixels: Pixels, profile: Profile, format: str) -> Iterator[Finding]:
    """The corrected picture, unless the profile makes the chart's colours worse."""
    from analyzers.vision.profile import corrected

    if format != "no" and profile.after < profile.before:
        encode = _png if format == "png" else _jpeg
        made = Derivative(encode(corrected(pixels, profile)), f"image/{format}")
        yield Finding("corrected-picture", derivative=made)


def _png(pixels: Pixels) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def _jpeg(pixels: Pixels) -> bytes:
    import simplejpeg

    data: bytes = simplejpeg.encode_jpeg(pixels, _QUALITY, "RGB", "444")
    return data


ANALYZER: Final = ColourChecker()
