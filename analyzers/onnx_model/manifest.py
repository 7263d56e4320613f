"""A manifest: what a network is for, what it is given, and what comes of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from analyzers.description import Task
from analyzers.errors import UnsuitableModel
from hashstore.digest import Digest

_LONGEST: Final = 16 << 20
_NO_MEAN, _NO_STD = ("0", "0", "0"), ("1", "1", "1")
Colours = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a picture becomes what a network takes.

    Attributes:
        width: Pixels of the input.
        height: Pixels of the input.
        resize: `squeeze` makes the whole picture that size; `fit` keeps its proportions and pads; `crop`
            takes the largest part from its middle that has the input's proportions.
        fraction: Of that part, how much of each side is taken.
        padding: Grey of what is padded, 0 to 255.
        filter: Pillow's, `bilinear` or `bicubic`.
        colours: `RGB` or `BGR`.
        layout: `NCHW` or `NHWC`.
        mean: Taken off each colour of a pixel, which is 0 to 1; in the order of `colours`.
        std: What it is then divided by.
    """

    width: int
    height: int
    resize: str
    fraction: float
    padding: int
    filter: str
    colours: str
    layout: str
    mean: Colours
    std: Colours


@dataclass(frozen=True)
class Manifest:
    """A network with what has to be known of it.

    Attributes:
        digest: Of the manifest's own bytes.
        name: Of the analyzer that it makes.
        version: Of the same.
        task: Classify, detect or embed.
        about: A sentence on it.
        license: Of the network, by SPDX identifier.
        citation: What its users cite.
        model: The name of its file, beside the manifest.
        network: The file's digest.
        labels: What the network's numbers stand for, in their order; none for an embedder.
        terms: IRIs of some labels.
        tolerance: How far outputs may differ; None if bit for bit.
        preparation: What it is given.
        activation: What makes likelihoods of a classifier's outputs: `softmax`, `sigmoid` or `none`.
        format: How a detector tells boxes: `yolo` or `boxes`.
        width: Coordinates of an embedder's vector.
    """

    digest: Digest
    name: str
    version: str
    task: Task
    about: str
    license: str
    citation: str
    model: str
    network: Digest
    labels: tuple[str, ...]
    terms: Mapping[str, str]
    tolerance: str | None
    preparation: Preparation
    activation: str
    format: str
    width: int


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest in TOML, or in JSON.

    Raises:
        UnsuitableModel: It is neither, or something in it is missing or not as it must be; the message says
            what.
    """
    found = _parsed(data)
    _check(found)
    output = found.get("output", {})
    task = Task(found["task"])
    labels = tuple(found.get("labels", ()))
    _want(bool(labels) != (task is Task.EMBED), "labels are for a classifier or a detector, which need them")
    _want(task is not Task.EMBED or "width" in output, "an embedder tells output.width")
    terms = found.get("terms", {})
    _want(set(terms) <= set(labels), "terms are those of labels")
    return Manifest(
        digest=Digest.of(data),
        name=found["name"],
        version=found["version"],
        task=task,
        about=found["about"],
        license=found["license"],
        citation=found.get("citation", ""),
        model=found["model"],
        network=Digest.parse(found["sha256"]),
        labels=labels,
        terms=MappingProxyType(dict(terms)),
        tolerance=found.get("tolerance"),
        preparation=_preparation(found["input"]),
        activation=output.get("activation", "softmax"),
        format=output.get("format", "yolo"),
        width=output.get("width", 0),
    )


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        _want(len(data) <= _LONGEST, f"it is longer than {_LONGEST >> 20} MiB")
        text = data.decode("utf-8")
        # Fractions stay text: how a float is printed differs between programs.
        read = json.loads if text.lstrip().startswith("{") else tomllib.loads
        found = read(text, parse_float=str)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnsuitableModel(f"The manifest of a model is neither TOML nor JSON: {error}") from error
    _want(isinstance(found, dict), "it is no table of names and values")
    return dict(found)


def _check(found: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    from analyzers.onnx_model.schema import MANIFEST

    error = next(Draft202012Validator(dict(MANIFEST)).iter_errors(found), None)
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the manifest"
        raise UnsuitableModel(f"The manifest of a model is not as it must be: {place}: {error.message[:300]}")


def _preparation(told: Mapping[str, Any]) -> Preparation:
    std = _colours(told.get("std", _NO_STD))
    _want(all(std), "input.std divides, so it is not 0")
    return Preparation(
        width=told["width"],
        height=told["height"],
        resize=told.get("resize", "squeeze"),
        fraction=float(told.get("fraction", "1")),
        padding=told.get("padding", 114),
        filter=told.get("filter", "bilinear"),
        colours=told.get("colours", "RGB"),
        layout=told.get("layout", "NCHW"),
        mean=_colours(told.get("mean", _NO_MEAN)),
        std=std,
    )


def _colours(told: Any) -> Colours:
    first, second, third = map(float, told)
    return first, second, third


def _want(right: bool, otherwise: str) -> None:
    if not right:
        raise UnsuitableModel(f"The manifest of a model is not as it must be: {otherwise}.")
