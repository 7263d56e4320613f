"""The files of a folder, staged while the rest of the program is imported and the node is opened.

Light to import. Nothing lands before `add` has the node's lock; what it does not take is discarded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import tee
from pathlib import Path

from crawlers.sources.folder import files_below
from hashstore.blobstore import DirectoryBlobStore, StagedAhead
from node.layout import Layout


@dataclass(frozen=True, slots=True)
class FilesAhead:
    """What is being staged.

    Attributes:
        path: The file or folder, as `Place` has it.
        files: Its files, each with its name, as they are listed; to be read once.
        staged: Their bytes, in the same order.
    """

    path: Path
    files: Iterable[tuple[Path, str]]
    staged: StagedAhead


@contextmanager
def files_ahead(layout: Layout, path: Path) -> Iterator[FilesAhead]:
    """Begin to stage a file or a folder of files for a node."""
    place = path.resolve()
    files, staging = tee(files_of(place))
    with StagedAhead(DirectoryBlobStore(layout.blobs), (path for path, _ in staging)) as staged:
        staged.begin()
        yield FilesAhead(place, files, staged)


def files_of(path: Path) -> Iterator[tuple[Path, str]]:
    """A file, or the files of a folder, each with its name."""
    return files_below(path) if path.is_dir() else iter([(path, path.name)])
