"""The analyzers that are installed: built in, or brought by other packages under `vasculum.analyzers`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.errors import UnknownAnalyzer
from analyzers.interface import Analyzer
from hashstore.digest import Digest

GROUP: Final = "vasculum.analyzers"
# Name: `module:attribute`; imported when asked for, since models and their runtimes are heavy.
BUILT_IN: Final = MappingProxyType(
    {
        "barcodes": "analyzers.builtin.barcodes:ANALYZER",
        "colour-checker": "analyzers.builtin.colour_checker:ANALYZER",
        "crop": "analyzers.builtin.crop:ANALYZER",
        "embedding": "analyzers.builtin.embedding:ANALYZER",
        "image-facts": "analyzers.builtin.image_facts:ANALYZER",
        "label-text": "analyzers.builtin.label_text:ANALYZER",
        "ruler": "analyzers.builtin.ruler:ANALYZER",
        "sheet-segments": "analyzers.builtin.sheet_segments:ANALYZER",
        "specimens": "analyzers.builtin.specimens:ANALYZER",
        "traits": "analyzers.builtin.traits:ANALYZER",
    }
)

# Made from their models alone, so that without those there is nothing to list or run.
MADE: Final = MappingProxyType({"outliers": "analyzers.outliers.analyzer:analyzer_of"})


def analyzer_names() -> tuple[str, ...]:
    """The names of all analyzers that are installed here, sorted."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in _points())}))


def analyzer_packages() -> frozenset[str]:
    """The top packages of analyzers that other distributions bring."""
    return frozenset(point.module.split(".")[0] for point in _points())


@lru_cache(maxsize=64)
def find_analyzer(name: str) -> Analyzer:
    """The analyzer of that name. A built-in one cannot be replaced by a package.

    Raises:
        UnknownAnalyzer: There is none, it cannot be imported, or is not what its entry point says.
    """
    if name in MADE:
        raise UnknownAnalyzer(f"{name} is made anew from what it compares with: use `vasculum {name}`.")
    place = BUILT_IN.get(name) or next((point.value for point in _points() if point.name == name), None)
    if place is None:
        raise UnknownAnalyzer(f"No analyzer {name!r} is installed here. `vasculum analyzer ls` lists them.")
    module, _, attribute = place.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UnknownAnalyzer(
            f"The analyzer {name} cannot be loaded ({error}). "
            "Built-in ones need `pip install 'vasculum[analyzers]'`."
        ) from error
    if not isinstance(found, Analyzer) or found.description.name != name:
        raise UnknownAnalyzer(f"{place} is no analyzer {name!r} (see analyzers/interface.py).")
    return found


def made_analyzer(name: str, models: Mapping[str, Digest]) -> Analyzer:
    """An analyzer of `MADE`.

    Args:
        name: Its name.
        models: What it is made of, by name.

    Raises:
        UnsuitableModel: It is not made of these.
    """
    module, _, attribute = MADE[name].partition(":")
    made: Analyzer = getattr(import_module(module), attribute)(models)
    return made


def analyzer_for(name: str, models: Mapping[str, Path]) -> Analyzer:
    """The analyzer of a unit: one that is installed, or one that a manifest among its models makes.

    Args:
        name: Its name.
        models: Its models, bytes checked.

    Raises:
        UnknownAnalyzer: There is none of that name.
        UnsuitableModel: The manifest is none.
    """
    from analyzers.onnx_model.analyzer import MANIFEST, analyzer_of

    if name in MADE:
        return made_analyzer(name, {model: digest_of_file(path) for model, path in models.items()})
    if name in BUILT_IN or MANIFEST not in models:
        return find_analyzer(name)
    found = analyzer_of(models[MANIFEST].read_bytes())
    if found.description.name != name:
        raise UnknownAnalyzer(f"The manifest makes {found.description.name!r}, not {name!r}.")
    return found


def digest_of_file(path: Path) -> Digest:
    """What names the bytes of a file."""
    with path.open("rb") as stream:
        return Digest(hashlib.file_digest(stream, "sha256").digest())


def _points() -> Iterator[EntryPoint]:
    yield from entry_points(group=GROUP)
