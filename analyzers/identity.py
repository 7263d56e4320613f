"""Who found it: an analyzer's identity, and the key of what it finds (spec/analyzers.md).

The identity is a digest over code, models and the packages that matter; the key is a digest over identity,
parameters and input. Whoever has the same three finds the same, so a result that exists need not be made
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Final

from analyzers.code import code_bundle
from analyzers.description import Description
from analyzers.errors import AnalyzerError
from analyzers.interface import Analyzer
from analyzers.region import Region
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from manifests.terms import VASCULUM

# They decode what every analyzer sees (analyzers/picture), so they are part of each one's environment.
DECODERS: Final = ("numpy", "pillow", "simplejpeg")


@dataclass(frozen=True)
class Identity:
    """An analyzer by what it is made of.

    Attributes:
        description: What it declares.
        code: The digest of its code bundle.
        environment: The versions of the packages that matter, by name.
    """

    description: Description
    code: Digest
    environment: Mapping[str, str]

    def document(self) -> dict[str, Json]:
        """The identity as JSON; its canonical form is a blob, named by `digest`."""
        described = self.description
        return {
            "type": f"{VASCULUM}AnalyzerIdentity",
            "name": described.name,
            "version": described.version,
            "task": described.task.value,
            "code": self.code.uri,
            "models": {model.name: model.digest.uri for model in described.models},
            "environment": dict(self.environment),
            "determinism": described.determinism.text,
        }

    @cached_property
    def data(self) -> bytes:
        """The canonical form."""
        return canonical_json(self.document())

    @cached_property
    def digest(self) -> Digest:
        """The identity."""
        return Digest.of(self.data)


def identity_of(analyzer: Analyzer) -> Identity:
    """The identity of an analyzer as it is installed here.

    Raises:
        AnalyzerError: A package that it declares is not installed, or its code cannot be found.
    """
    code = Digest.of(code_bundle(type(analyzer).__module__))
    return identity_with(analyzer.description, code)


def identity_with(description: Description, code: Digest) -> Identity:
    """The identity of an analyzer of some code, run with the packages that are installed here.

    Raises:
        AnalyzerError: A package that it declares is not installed.
    """
    names = sorted({*DECODERS, *description.environment})
    found = MappingProxyType({name: _version(name, description.name) for name in names})
    return Identity(description, code, found)


def _version(name: str, analyzer: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        raise AnalyzerError(
            f"The analyzer {analyzer} needs the package {name}, which is not installed here. "
            "`pip install 'vasculum[analyzers]'` brings what the built-in ones need."
        ) from None


def parameters_digest(parameters: Mapping[str, Json]) -> Digest:
    """The name of a set of parameters, defaults included: SHA-256 of its canonical form."""
    return Digest.of(canonical_json(dict(parameters)))


def output_key(analyzer: Digest, parameters: Digest, input: Digest, region: Region | None = None) -> Digest:
    """The key of what one analyzer finds in one picture, or in one region of it."""
    document: dict[str, Json] = {"analyzer": analyzer.uri, "parameters": parameters.uri, "input": input.uri}
    if region is not None:
        document["region"] = region.text
    return Digest.of(canonical_json(document))
