"""`info.json`: what a viewer has to know of an image (IIIF Image API 3.0 and 2.1, section 5). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from node.iiif.plan import Limits
from node.iiif.request import Format, Version

PROTOCOL: Final = "http://iiif.io/api/image"
CONTEXTS: Final = {
    Version.TWO: "http://iiif.io/api/image/2/context.json",
    Version.THREE: "http://iiif.io/api/image/3/context.json",
}
PROFILES: Final = {
    Version.TWO: "http://iiif.io/api/image/2/level2.json",
    Version.THREE: "http://iiif.io/api/image/3/level2.json",
}
TILE: Final = 512
_SMALLEST: Final = 64  # pixels of the longer side of the smallest size that is offered
_EXTRA_FORMATS: Final = [format.value for format in Format if format not in (Format.JPG, Format.PNG)]
_EXTRA_QUALITIES: Final = ["color", "gray", "bitonal"]
_EXTRA_FEATURES: Final = [
    "canonicalLinkHeader",
    "mirroring",
    "profileLinkHeader",
    "rotationArbitrary",
    "sizeUpscaling",
]
_SUPPORTS_2: Final = [
    "canonicalLinkHeader",
    "mirroring",
    "profileLinkHeader",
    "regionSquare",
    "rotationArbitrary",
    "sizeAboveFull",
]


def scale_factors(width: int, height: int) -> list[int]:
    """How often a picture is halved until a tile holds it: 1, 2, 4...

    Args:
        width: Pixels.
        height: The same.
    """
    halved = max(0, (-(-max(width, height) // TILE) - 1).bit_length())
    return [1 << level for level in range(halved + 1)]


def sizes(width: int, height: int, limits: Limits) -> list[tuple[int, int]]:
    """The sizes of the whole picture that are made with the least work, the smallest first."""

    def offered() -> Iterator[tuple[int, int]]:
        factor = 1
        while factor == 1 or max(width, height) // factor >= _SMALLEST:
            wide, high = -(-width // factor), -(-height // factor)
            if max(wide, high) <= limits.side and wide * high <= limits.area:
                yield wide, high
            factor *= 2

    return list(offered())[::-1]


def info(
    version: Version, uri: str, width: int, height: int, limits: Limits, rights: str | None = None
) -> dict[str, Any]:
    """The document.

    Args:
        version: Of the API.
        uri: The image's, without `/info.json`.
        width: Of the upright picture, in pixels.
        height: The same.
        limits: How large what is sent may be.
        rights: The URI of a licence or rights statement; None if none is known.
    """
    tile = {"width": TILE, "height": TILE, "scaleFactors": scale_factors(width, height)}
    shape = {
        "protocol": PROTOCOL,
        "width": width,
        "height": height,
        "sizes": [{"width": wide, "height": high} for wide, high in sizes(width, height, limits)],
        "tiles": [tile],
    }
    bounds = {"maxWidth": limits.side, "maxHeight": limits.side, "maxArea": limits.area}
    if version is Version.TWO:
        more = {"formats": ["jpg", "png", *_EXTRA_FORMATS], "supports": _SUPPORTS_2, **bounds}
        known = {"license": rights} if rights else {}
        named = {"@context": CONTEXTS[version], "@id": uri}
        return {**named, **shape, "profile": [PROFILES[version], more], **known}
    return {
        "@context": CONTEXTS[version],
        "id": uri,
        "type": "ImageService3",
        "profile": "level2",
        **shape,
        **bounds,
        "extraFormats": _EXTRA_FORMATS,
        "extraQualities": _EXTRA_QUALITIES,
        "extraFeatures": _EXTRA_FEATURES,
        **({"rights": rights} if rights else {}),
    }
