"""Who found it: an analyzer's identity, and the key of what it finds (spec/analyzers.md).

The identity is a digest over code, models and the packages that matter; the key is a digest over identity,
parameters and input. Whoever has the same three finds the same, so a result that exists need not be made
again.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Final

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
    described = analyzer.description
    names = sorted({*DECODERS, *described.environment})
    bundle = code_bundle(type(analyzer).__module__)
    found = MappingProxyType({name: _version(name, described.name) for name in names})
    return Identity(described, Digest.of(bundle), found)


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


def code_bundle(module: str) -> bytes:
    """The sources of a module and of all that it imports from its own top package: canonical JSON, by module.

    Raises:
        AnalyzerError: A source cannot be found.
    """
    return canonical_json(dict(sorted(_sources(module).items())))


def _sources(module: str) -> dict[str, str]:
    top = module.split(".", 1)[0]
    waiting, found = [module], dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _source_path(name)
        if path is None:
            if name == module:
                raise AnalyzerError(
                    f"The source of {module} cannot be found, so its identity cannot be told."
                )
            continue
        found[name] = path.read_text(encoding="utf-8")
        waiting += [other for other in _imports(found[name], name, path) if other.split(".", 1)[0] == top]
    return found


def _source_path(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None  # `from package import name`, where the name is no module
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _imports(source: str, module: str, path: Path) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(start, package) if node.level else start
            yield base
            yield from (f"{base}.{name.name}" for name in node.names)
