"""The analyzers of a node: installed ones, those in its folder of models, and bundles that were approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzers.code import code_bundle
from analyzers.description import Description
from analyzers.interface import Analyzer
from analyzers.onnx_model.folder import Given, given_analyzers
from analyzers.registry import analyzer_names, find_analyzer
from node.compose import Node


@dataclass(frozen=True, slots=True)
class Usable:
    """An analyzer, and the files that come with it.

    Attributes:
        description: What it declares.
        code: Its code bundle.
        files: Models that lie beside its manifest, or came in its bundle, by name.
        foreign: Whether it came in a bundle, so that it runs in a sandbox only.
    """

    description: Description
    code: bytes
    files: Mapping[str, Path]
    foreign: bool = False


def usable_analyzer(node: Node, name: str) -> Usable:
    """The analyzer of that name: an installed one first, then one of the folder, then one of a bundle.

    Raises:
        UnknownAnalyzer: there is none.
        UnsuitableModel: its manifest cannot be used.
        BundleError: it came in a bundle whose approval does not hold any more.
    """
    if name in analyzer_names():
        return installed_usable(find_analyzer(name), {})
    given, wrong = given_analyzers(node.layout.models)
    found: Given | None = given.get(name)
    if found is not None:
        return installed_usable(found.analyzer, found.files)
    if approved := _approved(node, name):
        return approved
    if wrong:
        raise wrong[0]
    return installed_usable(find_analyzer(name), {})


def installed_usable(analyzer: Analyzer, files: Mapping[str, Path]) -> Usable:
    """An analyzer whose code is installed here, with files that come with it."""
    return Usable(analyzer.description, code_bundle(type(analyzer).__module__), files)


def _approved(node: Node, name: str) -> Usable | None:
    from node.bundles.decide import require_current
    from node.bundles.known import approved_bundles, foreign_of

    with node.index() as index:
        approved = approved_bundles(node, index).get(name)
    if approved is None:
        return None
    require_current(approved.bundle, approved.test)
    foreign = foreign_of(node, approved.bundle)
    files = {model: path for model, (path, _) in foreign.models.items()}
    return Usable(approved.bundle.description, foreign.code, files, foreign=True)
