"""The analyzers of a node: those that are installed, and those in its folder of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzers.interface import Analyzer
from analyzers.onnx_model.folder import Given, given_analyzers
from analyzers.registry import analyzer_names, find_analyzer
from node.compose import Node


@dataclass(frozen=True, slots=True)
class Usable:
    """An analyzer, and the files that come with it.

    Attributes:
        analyzer: The analyzer.
        files: Models that lie beside its manifest, by name; none for one that is installed.
    """

    analyzer: Analyzer
    files: Mapping[str, Path]


def usable_analyzer(node: Node, name: str) -> Usable:
    """The analyzer of that name; an installed one goes before one of the folder.

    Raises:
        UnknownAnalyzer: there is none.
        UnsuitableModel: its manifest cannot be used.
    """
    if name in analyzer_names():
        return Usable(find_analyzer(name), {})
    given, wrong = given_analyzers(node.layout.models)
    found: Given | None = given.get(name)
    if found is None and wrong:
        raise wrong[0]
    return Usable(found.analyzer, found.files) if found else Usable(find_analyzer(name), {})
