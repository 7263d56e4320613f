"""Coordinates: read, and held against range, sea and country."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.country import related
from manifests.quality.distinct import distinct
from manifests.quality.land import Land
from manifests.quality.slips import DEGREES, Slips
from manifests.quality.step import ByValue, Columns, Filled

_OUTPUTS: Final = ("interpretedLatitude", "interpretedLongitude", "interpretedCountryCode")
_INPUTS: Final = ("decimalLatitude", "decimalLongitude", "interpretedCountryCode")
Mask = npt.NDArray[np.bool_]


class Coordinates:
    """The step that reads coordinates. Most lie in their country, which is seen for whole columns at once.

    Args:
        shapes: Gives the land; asked when the first point is to be placed.
    """

    def __init__(self, shapes: Callable[[], Land]) -> None:
        self._shapes = shapes
        self._doubtful = ByValue(_INPUTS, _OUTPUTS, Slips(shapes))

    def fill(self, columns: Columns) -> Filled:
        """Read a batch."""
        texts = [_trimmed(columns[name]) for name in _INPUTS[:2]]
        country = columns["interpretedCountryCode"]
        given = _mask(pc.or_(*(pc.is_valid(text) for text in texts)))
        if not given.any():
            return Filled({name: pa.nulls(len(country), pa.string()) for name in _OUTPUTS[:2]})
        sure = self._in_their_country(texts, country)
        plain = [pc.if_else(pa.array(sure), pc.utf8_ltrim(text, "+"), None) for text in texts]
        return self._with_doubtful(texts, country, plain, given & ~sure)

    def _in_their_country(self, texts: list[pa.Array], country: pa.Array) -> Mask:
        """Which rows have a point in the very country that they give."""
        plain = pc.and_(*(pc.match_substring_regex(text, f"^{DEGREES}$") for text in texts))
        asked = np.flatnonzero(_mask(pc.and_(plain, pc.is_valid(country))))
        degrees = [_degrees(text.take(pa.array(asked))) for text in texts]
        inside = (
            (np.abs(degrees[0]) <= 90) & (np.abs(degrees[1]) <= 180) & ((degrees[0] != 0) | (degrees[1] != 0))
        )
        asked = asked[inside]
        here = self._shapes().at(degrees[1][inside], degrees[0][inside])
        pairs, places = distinct([pa.array(here, pa.string()), country.take(pa.array(asked))])
        fits = np.array([here is not None and related(here, said) for here, said in pairs], bool)
        sure = np.zeros(len(country), bool)
        sure[asked] = fits[places]
        return sure

    def _with_doubtful(
        self, texts: list[pa.Array], country: pa.Array, plain: list[pa.Array], doubtful: Mask
    ) -> Filled:
        """The readings of the sure, and among them those of the doubtful, looked at one by one."""
        filled = dict(zip(_OUTPUTS, [*plain, country], strict=True))
        bits = np.zeros(len(country), np.uint64)
        if doubtful.any():
            mask = pa.array(doubtful)
            read = self._doubtful.fill(
                {name: of.filter(mask) for name, of in zip(_INPUTS, [*texts, country], strict=True)}
            )
            if read.bits is not None:
                bits[doubtful] = read.bits
            filled = {
                name: pc.replace_with_mask(of, mask, read.columns[name].cast(pa.string()))
                for name, of in filled.items()
            }
        return Filled(filled, bits)


def _trimmed(column: pa.Array) -> pa.Array:
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _degrees(texts: pa.Array) -> npt.NDArray[np.float64]:
    found: Any = pc.utf8_ltrim(texts, "+").cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.float64)


def _mask(condition: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(condition, False).to_numpy(zero_copy_only=False), np.bool_)
