"""What comes out of a network, as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.decimals import decimal_text
from analyzers.errors import BadOutput
from analyzers.finding import Finding
from analyzers.onnx_model.manifest import Manifest
from analyzers.region import Box
from analyzers.vectors.direction import unit_vector

Numbers = npt.NDArray[np.float64]
Back = Callable[[Numbers], Numbers]
_MOST_CANDIDATES: Final = 10_000
_MOST_OBJECTS: Final = 1_000


def classes(manifest: Manifest, outputs: Sequence[Any], least: float, most: int) -> Iterator[Finding]:
    """The likeliest labels of a picture, the likeliest first."""
    found = _numbers(outputs[0]).reshape(-1)
    _want(len(found) == len(manifest.labels), f"{len(found)} numbers for {len(manifest.labels)} labels")
    likely = _ACTIVATIONS[manifest.activation](found)
    for place in np.argsort(-likely, kind="stable")[:most].tolist():
        if likely[place] >= least:
            yield _labelled("class", manifest, place, float(likely[place]), None)


def vector(manifest: Manifest, outputs: Sequence[Any]) -> Finding:
    """The picture's vector, at length 1."""
    found = _numbers(outputs[0]).reshape(-1)
    _want(len(found) == manifest.width, f"a vector of {len(found)} coordinates, not {manifest.width}")
    return Finding("embedding", vector=unit_vector(found.astype(np.float32)))


def objects(
    manifest: Manifest, outputs: Sequence[Any], least: float, overlap: float, back: Back, area: Box
) -> Iterator[Finding]:
    """What a detector saw, the surest first; of two boxes of one label that overlap much, the surer one.

    Args:
        manifest: Its labels, and how it tells boxes.
        outputs: What the network gave.
        least: The least confidence.
        overlap: The share of their union that two boxes may have in common.
        back: From places in the input to places in what was read.
        area: What was read, within the upright picture.
    """
    corners, sure, labels = _boxes(manifest, outputs)
    kept = np.flatnonzero(sure >= least)
    kept = kept[np.argsort(-sure[kept], kind="stable")][:_MOST_CANDIDATES]
    corners, sure, labels = corners[kept], sure[kept], labels[kept]
    for place in _apart(corners, labels, overlap)[:_MOST_OBJECTS]:
        box = _box(back(corners[place].reshape(2, 2)), area)
        if box:
            yield _labelled("object", manifest, int(labels[place]), float(sure[place]), box)


def _boxes(manifest: Manifest, outputs: Sequence[Any]) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
    """Left, upper, right and lower edges in pixels of the input; confidences; labels."""
    if manifest.format == "boxes":
        corners, sure = _numbers(outputs[0]).reshape(-1, 4), _numbers(outputs[1]).reshape(-1)
        told = _numbers(outputs[2]).reshape(-1)
    else:
        rows = _rows(_numbers(outputs[0]), 4 + len(manifest.labels))
        middle, half, likely = rows[:, :2], rows[:, 2:4] / 2, rows[:, 4:]
        corners, told, sure = np.hstack([middle - half, middle + half]), likely.argmax(1), likely.max(1)
    _want(len(corners) == len(sure) == len(told), "other numbers of boxes, confidences and labels")
    labels = told.astype(np.int64)
    inside = (labels >= 0) & (labels < len(manifest.labels)) & (sure >= 0) & (sure <= 1)
    _want(bool(inside.all()), "a label or a confidence out of range")
    return corners, sure, labels


def _rows(found: Numbers, width: int) -> Numbers:
    """A row for each box: YOLO lays them out as columns, some exports as rows."""
    plain = found.reshape(found.shape[-2:]) if found.ndim == 3 and found.shape[0] == 1 else found
    _want(plain.ndim == 2 and width in plain.shape, f"{found.shape}, where boxes have {width} numbers")
    return plain.T if plain.shape[0] == width else plain


def _apart(corners: Numbers, labels: npt.NDArray[np.int64], overlap: float) -> list[int]:
    """Places of boxes that overlap no surer one of their label; the boxes come in order of confidence."""
    sides = np.clip(corners[:, 2:] - corners[:, :2], 0, None)
    areas = sides.prod(1)
    left, kept = np.arange(len(corners)), list[int]()
    while len(left) and len(kept) < _MOST_OBJECTS:
        first, left = int(left[0]), left[1:]
        kept.append(first)
        low = np.maximum(corners[left, :2], corners[first, :2])
        high = np.minimum(corners[left, 2:], corners[first, 2:])
        common = np.clip(high - low, 0, None).prod(1)
        union = np.maximum(areas[left] + areas[first] - common, 1e-9)
        left = left[(common / union <= overlap) | (labels[left] != labels[first])]
    return kept


def _box(corners: Numbers, area: Box) -> Box | None:
    low = np.clip(np.floor(corners[0]).astype(np.int64), 0, [area.width, area.height])
    high = np.clip(np.ceil(corners[1]).astype(np.int64), 0, [area.width, area.height])
    if (high <= low).any():
        return None
    width, height = (high - low).tolist()
    return Box(int(low[0]) + area.x, int(low[1]) + area.y, width, height)


def _labelled(kind: str, manifest: Manifest, place: int, sure: float, region: Box | None) -> Finding:
    label = manifest.labels[place]
    confidence = decimal_text(sure, 4)
    return Finding(kind, region, text=label, term=manifest.terms.get(label), confidence=confidence)


def _numbers(output: Any) -> Numbers:
    _want(isinstance(output, np.ndarray) and output.dtype.kind in "fiu", "something that is no numbers")
    found: Numbers = np.asarray(output, np.float64)
    _want(bool(np.isfinite(found).all()), "numbers that are not finite")
    return found


def _softmax(found: Numbers) -> Numbers:
    powers = np.exp(found - found.max())
    likely: Numbers = powers / powers.sum()
    return likely


def _sigmoid(found: Numbers) -> Numbers:
    likely: Numbers = 1 / (1 + np.exp(-np.clip(found, -700, 700)))
    return likely


def _likelihoods(found: Numbers) -> Numbers:
    _want(bool(((found >= 0) & (found <= 1)).all()), "likelihoods that are not between 0 and 1")
    return found


_ACTIVATIONS: Final = {"softmax": _softmax, "sigmoid": _sigmoid, "none": _likelihoods}


def _want(right: bool, otherwise: str) -> None:
    if not right:
        raise BadOutput(f"the network gave {otherwise}")
