"""The folder behind a sandbox: the code that it runs, and the pictures that it is handed by units."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import analyzers
from analyzers.code import ATTRIBUTE, entry_module, is_package, top_package
from analyzers.registry import GROUP

_OURS: Final = analyzers.__name__
_PREFIX: Final = "sandbox-"


@contextmanager
def sandbox_folder(parent: Path | None) -> Iterator[Path]:
    """A folder that is gone after the block.

    Args:
        parent: Where; best on the disk of the blobs, so that pictures are linked and not copied. None for the
            system's folder for temporary files.
    """
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_code(sources: Mapping[str, str], name: str, folder: Path) -> None:
    """Lay out code so that the worker's registry finds an analyzer of that name in it.

    Code of this program's own package lies over what is installed: its engine is the one that is here.

    Raises:
        UnsuitableCode: it is somebody else's, and does not say which of its values is the analyzer.
    """
    if top_package(sources) == _OURS:
        _write_ours(folder / _OURS)
    else:
        _write_entry(folder, name, entry_module(sources))
    for module, text in sources.items():
        plain = folder.joinpath(*module.split("."))
        path = plain / "__init__.py" if is_package(sources, module) or module == _OURS else _file(plain)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def put(path: Path, target: Path) -> None:
    """Let a file be seen under another name: linked, or copied from another disk."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _file(plain: Path) -> Path:
    """A module's file; a package without modules of its own in the bundle lies over one that is here."""
    return plain / "__init__.py" if plain.is_dir() else plain.parent / f"{plain.name}.py"


def _write_ours(target: Path) -> None:
    (root,) = analyzers.__path__
    for path in Path(root).rglob("*"):
        if path.suffix in (".py", ".json") and path.is_file():
            place = target / path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _write_entry(folder: Path, name: str, module: str) -> None:
    about = folder / "sandboxed-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sandboxed\nVersion: 1\n", encoding="utf-8")
    entry = f"[{GROUP}]\n{name} = {module}:{ATTRIBUTE}\n"
    (about / "entry_points.txt").write_text(entry, encoding="utf-8")


def _sweep(parent: Path) -> None:
    """Remove what a killed process left."""
    for folder in parent.glob(f"{_PREFIX}*"):
        found = re.match(rf"{_PREFIX}([0-9]+)-", folder.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)
