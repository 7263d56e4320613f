"""An analyzer tried on one picture, here and now, and checked as a node checks it: for its author's tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from analyzers.description import ModelFile
from analyzers.errors import BadOutput, UnsuitableModel
from analyzers.interface import Analyzer
from analyzers.models.origin import find_model
from analyzers.output import Failure, Input, Output
from analyzers.parameters import whole_parameters
from analyzers.region import Region
from analyzers.unit import read_picture
from hashstore.canonical import Json
from hashstore.digest import Digest

_NONE: Mapping[str, Json] = MappingProxyType({})


def tried(
    analyzer: Analyzer,
    data: bytes,
    parameters: Mapping[str, Json] = _NONE,
    models: Mapping[str, Path] | None = None,
    region: Region | None = None,
) -> Output:
    """What an analyzer says of a picture. It runs in this process: without a worker's limits.

    Args:
        analyzer: The analyzer.
        data: The picture's bytes.
        parameters: Those that are not the defaults.
        models: Files by name; None for those that come in packages.
        region: The part that is read; None for all of it.

    Raises:
        UnsuitableParameters: They are not as its schema wants them.
        UnsuitableModel: A model is in no package here.
        BadOutput: It raised, or said what must not be published; a node would count a failure.
    """
    described = analyzer.description
    files = models if models is not None else {one.name: _packaged(one) for one in described.models}
    reading = analyzer.prepare(whole_parameters(described, parameters), files)
    result = read_picture(described, reading, Input(Digest.of(data), region), data)
    if isinstance(result, Failure):
        raise BadOutput(f"{described.name}: {result.failing.value}: {result.words}")
    return result


def _packaged(model: ModelFile) -> Path:
    path = find_model(model)
    if path is None:
        raise UnsuitableModel(f"The model {model.name}, {model.digest.uri}, is in no package here.")
    return path
