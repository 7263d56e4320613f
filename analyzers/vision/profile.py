"""A colour profile from a chart: what makes the colours that were measured those that they should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.charts import WEDGE, Chart
from analyzers.vision.colour import difference, encoded, lab, lab_of_light, linear

Floats = npt.NDArray[np.float64]
_CLIPPED: Final = 252.5  # of 255: such a patch tells nothing of how bright it was
_ROWS: Final = 256  # of a picture at a time, so that a large one needs no large memory


class Model(StrEnum):
    """How light is mapped to light.

    The second is by Finlayson, Mackiewicz and Hurlbert, IEEE Transactions on Image Processing 24 (2015): it
    keeps hues where a part of the picture is lit less than the chart.
    """

    MATRIX = "matrix"
    ROOT_POLYNOMIAL = "root-polynomial"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Profile:
    """A map of linear light.

    Attributes:
        model: Which terms the factors are of.
        factors: For each term a row, with its share in red, green and blue.
        before: Mean CIEDE2000 of the chart's patches from what they should be.
        after: The same when each patch is corrected by the profile of the others.
    """

    model: Model
    factors: Floats
    before: float
    after: float


def profile_of(chart: Chart, model: Model) -> Profile | None:
    """The profile that a chart gives; None where its colours are not known, or too few are not clipped."""
    usable = (chart.measured < _CLIPPED).all(1)
    light = linear(chart.measured[usable])
    if chart.name == WEDGE:
        return _balance(light) if len(light) >= 4 else None
    if not len(chart.wanted):
        return None
    wanted = chart.wanted[usable]
    if len(light) < 12:
        return None
    target = linear(wanted)
    left_out = [_corrected_alone(light, target, one, model) for one in range(len(light))]
    after = difference(lab(encoded(np.array(left_out))), lab(wanted)).mean()
    before = difference(lab(chart.measured[usable]), lab(wanted)).mean()
    return Profile(model, _fitted(light, target, model), float(before), float(after))


def corrected(pixels: npt.NDArray[np.uint8], profile: Profile) -> npt.NDArray[np.uint8]:
    """A picture under a profile: upright sRGB."""
    table = linear(np.arange(256))
    out = np.empty_like(pixels)
    for first in range(0, len(pixels), _ROWS):
        light = table[pixels[first : first + _ROWS]]
        out[first : first + _ROWS] = np.round(encoded(_applied(light, profile.factors, profile.model)))
    return out


def _balance(light: Floats) -> Profile | None:
    """Each channel by one factor, so that the neutral patches become neutral."""
    luminance = light.mean(1)
    gain = (light * luminance[:, None]).sum(0) / (light**2).sum(0)
    before, after = (float(_from_grey(one).mean()) for one in (light, light * gain))
    return Profile(Model.BALANCE, np.diag(gain), before, after)


def _from_grey(light: Floats) -> Floats:
    colours = lab_of_light(np.clip(light, 0, 1))
    return difference(colours, colours * np.array([1.0, 0.0, 0.0]))


def _terms(light: Floats, model: Model) -> Floats:
    if model is Model.BALANCE:
        return light
    if model is Model.MATRIX:
        return np.concatenate([light, np.ones((*light.shape[:-1], 1))], -1)
    red, green, blue = (np.maximum(light[..., one], 0) for one in range(3))
    mixed = [np.sqrt(red * green), np.sqrt(green * blue), np.sqrt(blue * red)]
    return np.concatenate([light, np.stack(mixed, -1)], -1)


def _applied(light: Floats, factors: Floats, model: Model) -> Floats:
    terms = _terms(light, model)
    # Added up term by term: a product of matrices is added up in another order on other machines.
    out = np.zeros((*light.shape[:-1], 3))
    for one, factor in enumerate(factors):
        out += terms[..., one : one + 1] * factor
    return out


def _fitted(light: Floats, target: Floats, model: Model) -> Floats:
    """Least squares of what is seen: errors in dark patches weigh more than in light."""
    weight = 1 / np.maximum(np.cbrt(target.mean(1)) ** 2, 0.05)
    terms = _terms(light, model) * weight[:, None]
    factors = np.linalg.lstsq(terms, target * weight[:, None], rcond=None)[0]
    return np.asarray(np.round(factors, 6), np.float64)


def _corrected_alone(light: Floats, target: Floats, one: int, model: Model) -> Floats:
    others = np.arange(len(light)) != one
    return _applied(light[one], _fitted(light[others], target[others], model), model)
