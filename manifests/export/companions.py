"""What stands beside the images in every format: whom to credit for each, and how to cite the whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from manifests.citing.cff import cite_cff
from manifests.export.interface import Material
from manifests.export.model import Made
from manifests.export.text import encoded, tsv_line

ATTRIBUTION = "attribution.tsv"
CITATION = "CITATION.cff"


def companions(material: Material, below: str = "") -> Iterator[Made]:
    """The list of attributions and the citation, in a folder (`below` ends in `/`) or at the top."""
    yield Made(f"{below}{ATTRIBUTION}", partial(_attribution, material))
    yield Made(f"{below}{CITATION}", partial(_citation, material))


def _attribution(material: Material) -> Iterator[bytes | bytearray | memoryview]:
    return encoded(_lines(material))


def _lines(material: Material) -> Iterator[str]:
    yield tsv_line(("digest", "license", "creator", "rightsHolder", "attribution", "media", "specimen"))
    for member in material.members():
        yield tsv_line(
            (
                member.digest.uri, member.license, member.creator, member.rights_holder, member.attribution,
                member.media, member.specimen,
            )
        )  # fmt: skip


def _citation(material: Material) -> Iterator[bytes | bytearray | memoryview]:
    return encoded([cite_cff(material.description.cited)])
