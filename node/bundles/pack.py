"""Make a bundle of a project: the folder with an analyzer's pyproject.toml, sources, licence and tests."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from analyzers.bundle.manifest import Bundle, Trial
from analyzers.code import ATTRIBUTE, code_bundle, entry_module, read_code
from analyzers.compare import Verdict
from analyzers.description import Description
from analyzers.errors import UnsuitableBundle
from analyzers.identity import identity_with
from analyzers.region import parse_region
from analyzers.registry import GROUP
from hashstore.canonical import canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import MalformedJson
from node.bundles.errors import BundleError
from node.bundles.run import described, tried
from node.sandbox.pool import Foreign

_PICTURES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
_UNKNOWN: Final = Digest.of(b"")  # what is expected of a test that says nothing of it, until it has run


@dataclass(frozen=True)
class Packed:
    """A bundle, and the bytes of what it names."""

    bundle: Bundle
    parts: Mapping[Digest, bytes]


def pack(project: Path) -> Packed:
    """Make a bundle of a project. Its code is run in the sandbox, and nowhere else.

    A test without expected output gets the one that comes now; one with it must come to it.

    Raises:
        BundleError: something that a bundle needs is not there, or a test does not come to what it expects.
        AnalyzerError: the code is none, or declares what nobody may.
        SandboxError: there is no sandbox on this machine.
    """
    found = _project(project)
    name, module = _entry(found)
    root = project / "src" if (project / "src").is_dir() else project
    code = code_bundle(module, root)
    if (entry := entry_module(read_code(code))) != module:
        raise BundleError(f"{module} is the entry point, but {entry} gives {ATTRIBUTE}.")
    tool = found.get("tool", {}).get("vasculum", {})
    models = {label: project / str(path) for label, path in tool.get("models", {}).items()}
    digests = {label: Digest.of(_read(path)) for label, path in models.items()}
    foreign = Foreign(name, code, {label: (models[label], digests[label]) for label in models}, {})
    description = described(foreign)
    _same_models(description, digests)
    license = _license(project, found)
    parts = {Digest.of(data): data for data in (code, license, *map(_read, models.values()))}
    trials = list(_trials(project, tool, parts))
    made = _run(replace(foreign, kinds=description.kinds), description, trials, parts)
    environment = identity_with(description, Digest.of(code)).environment
    bundle = Bundle(description, Digest.of(code), environment, Digest.of(license), tuple(made))
    return Packed(bundle, parts)


def _project(project: Path) -> dict[str, Any]:
    path = project / "pyproject.toml"
    try:
        return tomllib.loads(_read(path).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BundleError(f"{path} cannot be read: {error}") from error


def _entry(found: Mapping[str, Any]) -> tuple[str, str]:
    points = found.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if len(points) != 1:
        raise BundleError(
            f'pyproject.toml names {len(points)} analyzers under entry-points."{GROUP}"; name one.'
        )
    ((name, place),) = points.items()
    module, _, attribute = str(place).partition(":")
    if attribute != ATTRIBUTE:
        raise BundleError(f"The entry point of {name} is {place}; a bundle's analyzer is called {ATTRIBUTE}.")
    return name, module


def _same_models(description: Description, files: Mapping[str, Digest]) -> None:
    declared = {model.name: model.digest for model in description.models}
    for name in sorted({*declared, *files}):
        if name not in files:
            raise BundleError(f"Name the file of the model {name} under [tool.vasculum.models].")
        if declared.get(name) != files[name]:
            raise BundleError(
                f"The file of the model {name} is {files[name].uri}, which the code does not declare."
            )


def _license(project: Path, found: Mapping[str, Any]) -> bytes:
    named = [project / str(name) for name in found.get("project", {}).get("license-files", [])]
    for path in (*named, *sorted(project.glob("LICEN[CS]E*"))):
        if path.is_file():
            return _read(path)
    raise BundleError(f"{project} has no file LICENSE; nobody may run what has no licence.")


def _trials(project: Path, tool: Mapping[str, Any], parts: dict[Digest, bytes]) -> Iterator[Trial]:
    """The tests, whose files come among the parts."""
    for told in tool.get("test", None) or _usual(project):
        picture = _read(project / str(told["picture"]))
        expected = _UNKNOWN
        if "expected" in told:
            data = _expected(project / str(told["expected"]))
            expected = Digest.of(data)
            parts[expected] = data
        parts[Digest.of(picture)] = picture
        region = parse_region(told["region"]) if "region" in told else None
        yield Trial(Digest.of(picture), expected, told.get("parameters", {}), region)


def _usual(project: Path) -> list[dict[str, Any]]:
    """Where nothing is said: the pictures in `tests`, and `expected.json` if there is just one."""
    folder = project / "tests"
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in _PICTURES)
    if not found:
        raise BundleError(
            f"There is no picture in {folder}, and pyproject.toml has no [[tool.vasculum.test]]."
        )
    if len(found) == 1 and (folder / "expected.json").is_file():
        return [{"picture": f"tests/{found[0].name}", "expected": "tests/expected.json"}]
    return [{"picture": f"tests/{path.name}"} for path in found]


def _expected(path: Path) -> bytes:
    """An expected output in its canonical form: written as such, or as the list of its findings."""
    try:
        found = parse_json(_read(path))
    except MalformedJson as error:
        raise BundleError(f"{path}: {error}") from error
    return canonical_json({"findings": found} if isinstance(found, list) else found)


def _run(
    foreign: Foreign, description: Description, trials: list[Trial], parts: dict[Digest, bytes]
) -> Iterator[Trial]:
    """The tests, each with an expected output to which it came."""
    with tempfile.TemporaryDirectory() as folder:
        for digest, data in {**parts, _UNKNOWN: b""}.items():
            (Path(folder) / digest.hex).write_bytes(data)
        for one in tried(foreign, description, trials, lambda digest: Path(folder) / digest.hex):
            if one.output is not None and one.trial.expected == _UNKNOWN:
                parts[one.output.digest] = one.output.data
                yield replace(one.trial, expected=one.output.digest)
            elif one.verdict in (Verdict.IDENTICAL, Verdict.WITHIN):
                yield one.trial
            else:
                raise UnsuitableBundle(
                    f"The test of {one.trial.input.uri} does not come to what it expects: "
                    + "; ".join(one.differences[:5])
                )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}.") from error
