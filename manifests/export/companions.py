"""What stands beside the images in every format: whom to credit for each, and how to cite the whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.citing.cff import cite_cff
from manifests.dataset.attribution import attribution_file
from manifests.export.interface import Material
from manifests.export.model import Made
from manifests.export.text import encoded

ATTRIBUTION: Final = "ATTRIBUTION.txt"
CITATION: Final = "CITATION.cff"


def companions(material: Material, below: str = "") -> Iterator[Made]:
    """The list of credits and the citation, in a folder (`below` ends in `/`) or at the top."""
    yield Made(f"{below}{ATTRIBUTION}", partial(_credits, material))
    yield Made(f"{below}{CITATION}", partial(_citation, material))


def _credits(material: Material) -> Iterator[Chunk]:
    return encoded(attribution_file(material.description, material.members()))


def _citation(material: Material) -> Iterator[Chunk]:
    return encoded([cite_cff(material.description.cited)])
