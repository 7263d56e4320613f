"""The code of an analyzer: the sources that it consists of, as one blob (spec/analyzers.md, Identity 2)."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.errors import AnalyzerError, UnsuitableCode
from hashstore.canonical import canonical_json, parse_canonical
from hashstore.errors import MalformedJson

ATTRIBUTE: Final = "ANALYZER"
_MODULE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,15}", re.ASCII)
_MOST_MODULES: Final = 500
LONGEST: Final = 4 << 20  # of sources; reading them as Python takes a hundred times as much memory


def code_bundle(module: str, root: Path | None = None) -> bytes:
    """The sources of a module and of all that it imports from its own top package: canonical JSON, by module.

    Args:
        module: The analyzer's module.
        root: The folder that holds its top package; None where it is installed. Nothing in a folder that is
            given is imported.

    Raises:
        AnalyzerError: A source cannot be found, or is no Python.
    """

    def find(name: str) -> Path | None:
        return _in_folder(root, name) if root else _installed(name)

    return canonical_json(dict(sorted(_sources(module, find).items())))


def read_code(data: bytes) -> Mapping[str, str]:
    """The sources of a code bundle, by module; nothing is executed.

    Raises:
        UnsuitableCode: It is none.
    """
    try:
        _want(len(data) <= LONGEST, f"it is longer than {LONGEST >> 20} MiB")
        found = parse_canonical(data)
    except MalformedJson as error:
        raise UnsuitableCode(f"The code is no bundle of sources: {error}") from error
    _want(isinstance(found, dict) and 0 < len(found) <= _MOST_MODULES, "it is no object of modules")
    assert isinstance(found, dict)
    sources: dict[str, str] = {}
    for name, text in found.items():
        _want(bool(_MODULE.fullmatch(name)) and isinstance(text, str), f"{name[:80]!r} is no module")
        sources[name] = str(text)
    _want(len({name.split(".")[0] for name in sources}) == 1, "its modules are of several packages")
    return MappingProxyType(sources)


def top_package(sources: Mapping[str, str]) -> str:
    """The package, or single module, that all modules of a bundle belong to."""
    return next(iter(sources)).split(".")[0]


def entry_module(sources: Mapping[str, str]) -> str:
    """The module from which all others are reached, and which gives the analyzer as `ANALYZER`.

    Raises:
        UnsuitableCode: There is none, or more than one.
    """
    graph = {name: set(_imports(text, name, is_package(sources, name))) for name, text in sources.items()}
    giving = [name for name, text in sources.items() if _gives(text, name)]
    found = [name for name in giving if len(_reached(graph, name)) == len(sources)]
    _want(
        len(found) == 1,
        f"{len(found)} of its modules give {ATTRIBUTE} and import all others; one has to",
    )
    return found[0]


def is_package(sources: Mapping[str, str], name: str) -> bool:
    """Whether a module of a bundle has others below it."""
    return any(other.startswith(f"{name}.") for other in sources)


def _sources(module: str, find: Callable[[str], Path | None]) -> dict[str, str]:
    top = module.split(".", 1)[0]
    waiting, found = [module], dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name in found or name.split(".", 1)[0] != top:
            continue
        path = find(name)
        if path is None:
            if name == module:
                raise AnalyzerError(
                    f"The source of {module} cannot be found, so its identity cannot be told."
                )
            continue
        found[name] = path.read_text(encoding="utf-8")
        waiting += _imports(found[name], name, path.name == "__init__.py")
    return found


def _installed(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None  # `from package import name`, where the name is no module
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _in_folder(root: Path, module: str) -> Path | None:
    if not _MODULE.fullmatch(module):
        return None
    plain = root.joinpath(*module.split("."))
    found = next((path for path in (plain / "__init__.py", plain.with_suffix(".py")) if path.is_file()), None)
    if found is not None and not found.resolve().is_relative_to(root.resolve()):
        raise AnalyzerError(f"{found} leads out of {root}; a bundle holds only what lies there.")
    return found


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    waiting, found = [start], set[str]()
    while waiting:
        name = waiting.pop()
        if name in graph and name not in found:
            found.add(name)
            waiting += graph[name]
    return found


def _imports(source: str, module: str, package: bool) -> Iterator[str]:
    """The modules that a source may import, and the packages that hold it: those are executed first."""
    yield from (module.rsplit(".", place)[0] for place in range(1, module.count(".") + 1))
    above = module if package else module.rpartition(".")[0]
    for node in ast.walk(_parsed(source, module)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            try:
                base = importlib.util.resolve_name(start, above) if node.level else start
            except ImportError as error:
                raise UnsuitableCode(f"{module} imports from beyond its top package: {error}") from error
            yield base
            yield from (f"{base}.{name.name}" for name in node.names)


def _gives(source: str, module: str) -> bool:
    for node in _parsed(source, module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(one, ast.Name) and one.id == ATTRIBUTE for one in targets):
            return True
    return False


def _parsed(source: str, module: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnsuitableCode(f"{module} cannot be read as Python: {error}") from error


def _want(right: bool, otherwise: str) -> None:
    if not right:
        raise UnsuitableCode(f"The code is no bundle of an analyzer: {otherwise}.")
