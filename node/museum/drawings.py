"""Keep drawings on disk, so that a museum that was opened before opens at once."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import PIL

from node.museum.catalogue import Picture, Specimen
from node.museum.errors import UnusableDirectory
from node.museum.sheets import STYLE, draw
from node.museum.sheets.drawing import Drawing

SEED = 1
_THREADS = 2
_ENDINGS = (".jpg", ".mask.png", ".json")


def drawings_of(
    held: Iterable[Specimen], directory: Path, on_drawn: Callable[[int, int], None] | None = None
) -> dict[str, Drawing]:
    """Give the drawing of every specimen that has one, drawing what the directory does not hold yet.

    Args:
        held: Specimens, with and without drawings.
        directory: Where drawings are kept; it is made if it is not there.
        on_drawn: Told after each drawing how many are ready, and how many there will be.

    Raises:
        UnusableDirectory: The directory cannot be written or read.
    """
    wanted = [specimen for specimen in held if specimen.picture is Picture.DRAWN]
    ready: dict[str, Drawing] = {}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # Pillow lets go of the interpreter while it works, so two threads are half as fast again as one.
        with ThreadPoolExecutor(_THREADS) as pool:
            for specimen, drawing in zip(
                wanted, pool.map(lambda one: _kept(one, directory), wanted), strict=True
            ):
                ready[specimen.drawing] = drawing
                if on_drawn is not None:
                    on_drawn(len(ready), len(wanted))
        return ready
    except OSError as error:
        raise UnusableDirectory(directory, error.strerror or str(error)) from error


def _kept(specimen: Specimen, directory: Path) -> Drawing:
    stem = f"{specimen.catalog_number}-{_key(specimen)}"
    paths = [directory / f"{stem}{ending}" for ending in _ENDINGS]
    if all(path.exists() for path in paths):
        return Drawing(*(path.read_bytes() for path in paths))
    drawing = draw(specimen, SEED)
    for path, data in zip(paths, (drawing.jpeg, drawing.mask, drawing.truth), strict=True):
        _write(path, data)
    return drawing


def _key(specimen: Specimen) -> str:
    """Name all that the drawing depends on; Pillow's release too, since its encoder makes the bytes."""
    causes = [STYLE, SEED, PIL.__version__, dict(specimen.pictured), specimen.slip]
    return hashlib.sha256(json.dumps(causes, sort_keys=True).encode()).hexdigest()[:10]


def _write(path: Path, data: bytes) -> None:
    """Write under another name first: two museums may draw into one directory at the same time."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
