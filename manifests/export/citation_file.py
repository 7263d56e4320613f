"""Formats that are one file: the citation of the dataset, as `manifests.citing` writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from hashstore.blobstore.interface import Chunk
from manifests.citing import CitedThing
from manifests.export.interface import Material
from manifests.export.model import File, Made
from manifests.export.text import encoded


@dataclass(frozen=True, slots=True)
class CitationFile:
    """A format that only cites.

    Attributes:
        file: What its file is called.
        cite: Writes the citation.
    """

    name: str
    about: str
    file: str
    cite: Callable[[CitedThing], str]
    version: str = "1"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        """The one file."""
        yield Made(self.file, partial(self._text, material))

    def _text(self, material: Material) -> Iterator[Chunk]:
        return encoded([self.cite(material.description.cited)])
