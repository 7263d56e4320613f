"""An archive in a plain folder: a second disk, a tape robot's file system, a share of the institution."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hashstore.blobstore import DirectoryBlobStore, durable
from hashstore.blobstore.survey import Found, survey
from hashstore.digest import Digest
from node.storage.interface import Place


class FolderArchive(DirectoryBlobStore):
    """A directory store that tells what it holds."""

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.root)

    def places(self) -> Iterator[Place]:
        """Every file but temporaries, by path."""
        try:
            for found in survey(os.fspath(self.root)):
                digest = Digest(bytes.fromhex(found.name)) if isinstance(found, Found) else None
                yield Place(found.path, digest, os.lstat(found.path).st_size)
        except OSError as error:
            raise durable.translated(error, f"listing {self.root}") from error
