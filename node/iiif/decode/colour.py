"""From whatever colours an image is stored in to sRGB or grey of eight bits, perhaps with transparency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from node.iiif.decode.vips import library

if TYPE_CHECKING:
    from pyvips import Image

_PROFILE: Final = "icc-profile-data"
_GREY: Final = ("b-w", "grey16")
_SHOWN: Final = ("srgb", "b-w")


def coloured(image: Image) -> Image:
    """The image as it is shown.

    An embedded colour profile is followed where it fits; one that is damaged, or of other colours than the
    image has, is passed over, as browsers do. CMYK without a profile is taken as usual offset printing.
    """
    if image.get_typeof(_PROFILE) or image.interpretation == "cmyk":
        image = _by_profile(image)
    if image.interpretation not in _SHOWN or image.format != "uchar":
        image = _plain(image)
    return image


def _by_profile(image: Image) -> Image:
    printed = image.interpretation == "cmyk"
    target = "srgb"
    try:
        # Whoever has no profile that fits gets the one named here.
        return image.icc_transform(
            target, embedded=True, input_profile="cmyk" if printed else "srgb", intent="relative", depth=8
        )
    except library().Error:
        return image


def _plain(image: Image) -> Image:
    if image.interpretation in ("multiband", "matrix", "histogram"):
        deep = image.format == "ushort"
        colour = image.bands > 2
        names = ("rgb16", "srgb") if colour else ("grey16", "b-w")
        image = image.copy(interpretation=names[0] if deep else names[1])
    if image.interpretation in _GREY:
        return image.colourspace("b-w")
    return image.colourspace("srgb")
