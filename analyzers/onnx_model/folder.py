"""The manifests that an operator put into a folder, each with its network beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.errors import AnalyzerError, UnsuitableModel
from analyzers.onnx_model.analyzer import MANIFEST, NETWORK, OnnxModel, analyzer_of
from analyzers.onnx_model.manifest import read_manifest
from analyzers.registry import BUILT_IN

_ENDINGS: Final = (".toml", ".json")


@dataclass(frozen=True)
class Given:
    """An analyzer that the operator gives.

    Attributes:
        analyzer: Made from the manifest.
        files: Where its manifest and its network are, by the names that they have among its models.
    """

    analyzer: OnnxModel
    files: Mapping[str, Path]


def given_analyzers(folder: Path) -> tuple[Mapping[str, Given], tuple[AnalyzerError, ...]]:
    """The analyzers that the manifests of a folder make, by name, and what is wrong with other manifests.

    Networks are not opened: that is done where they are run, in a process with limits.
    """
    found: dict[str, Given] = {}
    wrong: list[AnalyzerError] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix not in _ENDINGS or not path.is_file():
            continue
        try:
            given = read_given(path)
            name = given.analyzer.description.name
            if name in BUILT_IN or name in found:
                raise UnsuitableModel(f"there is another analyzer named {name}; give it a name of its own")
            found[name] = given
        except AnalyzerError as error:
            wrong.append(UnsuitableModel(f"{path}: {error}"))
    return MappingProxyType(found), tuple(wrong)


def read_given(path: Path) -> Given:
    """The analyzer of one manifest.

    Raises:
        UnsuitableModel: It is no manifest, or its network is not beside it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnsuitableModel(f"the manifest cannot be read: {error.strerror}") from error
    # A plain name, so nothing outside the folder; the digest is checked by whoever loads it.
    network = path.parent / read_manifest(data).model
    if not network.is_file():
        raise UnsuitableModel(f"its network {network.name} is not beside it")
    return Given(analyzer_of(data), MappingProxyType({MANIFEST: path, NETWORK: network}))
