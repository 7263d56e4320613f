"""An analyzer made from a manifest and a network, without code.

The manifest is one of its models, by digest: what is done before and behind the network is so part of the
analyzer's identity, and a node that has neither installed can fetch both and run it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.description import BITWISE, Description, Determinism, ModelFile, Needs, Task
from analyzers.errors import AnalyzerError, UnsuitableModel
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.session import RUNTIME
from analyzers.onnx_model import outputs
from analyzers.onnx_model.manifest import Manifest, read_manifest
from analyzers.onnx_model.network import open_network
from analyzers.onnx_model.preparing import frame_of, network_input
from analyzers.picture.picture import Picture
from analyzers.region import Box
from hashstore.canonical import Json

MANIFEST: Final = "manifest"  # its name among the models of the analyzer that it makes
NETWORK: Final = "network"
_KINDS: Final = {
    Task.CLASSIFY: {"class": "What the picture shows, by one of the model's labels."},
    Task.DETECT: {"object": "What stands in a rectangle, by one of the model's labels."},
    Task.EMBED: {"embedding": "A vector of length 1."},
}
_LEAST: Final[Mapping[str, Json]] = {
    "description": "The least confidence.",
    "type": "string",
    "pattern": r"^(0(\.[0-9]{1,3})?|1)$",
    "default": "0.5",
}
_MOST: Final[Mapping[str, Json]] = {
    "description": "Labels at most.",
    "type": "integer",
    "minimum": 1,
    "maximum": 100,
    "default": 5,
}
_OVERLAP: Final[Mapping[str, Json]] = {
    **_LEAST,
    "description": "Share of their union that two boxes of one label may have in common.",
}
_PARAMETERS: Final[Mapping[Task, Mapping[str, Json]]] = {
    Task.CLASSIFY: {"least": _LEAST, "most": _MOST},
    Task.DETECT: {"least": _LEAST, "overlap": _OVERLAP},
    Task.EMBED: {},
}


class OnnxModel:
    """The analyzer.

    Args:
        manifest: What it runs.

    Raises:
        UnsuitableModel: Its name or version could not be those of an analyzer.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        try:
            self._description = _description(manifest)
        except UnsuitableModel:
            raise
        except AnalyzerError as error:
            raise UnsuitableModel(f"The manifest of a model is not as it must be: {error}") from error

    @property
    def description(self) -> Description:
        """As the manifest has it."""
        return self._description

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Look at the network, and load it."""
        manifest = self._manifest
        session = open_network(models[NETWORK], manifest)
        name = next(iter(session.inputs))

        def read(picture: Picture) -> Sequence[Finding]:
            how = manifest.preparation
            pixels = picture.pixels(round(max(how.width, how.height) / how.fraction))
            given = {name: network_input(pixels, how)}
            return list(_findings(manifest, session.run(**given), parameters, picture))

        return read


def analyzer_of(manifest: bytes) -> OnnxModel:
    """The analyzer that a manifest makes.

    Raises:
        UnsuitableModel: It is no manifest.
    """
    return OnnxModel(read_manifest(manifest))


def _findings(
    manifest: Manifest, found: Sequence[object], parameters: Mapping[str, Json], picture: Picture
) -> Sequence[Finding]:
    if manifest.task is Task.EMBED:
        return [outputs.vector(manifest, found)]
    least = float(str(parameters["least"]))
    if manifest.task is Task.CLASSIFY:
        return list(outputs.classes(manifest, found, least, int(str(parameters["most"]))))
    bounds = picture.region.bounds if picture.region else None
    area = bounds or Box(0, 0, *picture.size)
    frame = frame_of((area.width, area.height), manifest.preparation)
    overlap = float(str(parameters["overlap"]))
    return list(outputs.objects(manifest, found, least, overlap, frame.back, area))


def _description(manifest: Manifest) -> Description:
    return Description(
        name=manifest.name,
        version=manifest.version,
        task=manifest.task,
        about=manifest.about,
        kinds=MappingProxyType(_KINDS[manifest.task]),
        parameters=MappingProxyType(dict(_PARAMETERS[manifest.task])),
        models=(
            ModelFile(MANIFEST, manifest.digest, license=manifest.license),
            ModelFile(NETWORK, manifest.network, license=manifest.license),
        ),
        determinism=Determinism(manifest.tolerance) if manifest.tolerance else BITWISE,
        needs=Needs(memory=8 << 30, seconds=60.0),
        environment=(RUNTIME, "onnx"),
        license="Apache-2.0",
        citation=manifest.citation,
    )
