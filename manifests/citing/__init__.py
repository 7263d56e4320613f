"""How a thing is cited: one value that says all there is to say, and a room for each format."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from manifests.citing.bibtex import cite_bibtex
from manifests.citing.cff import cite_cff
from manifests.citing.csl import cite_csl
from manifests.citing.datacite import cite_datacite
from manifests.citing.ris import cite_ris
from manifests.citing.text import cite_text
from manifests.citing.thing import CitedKind, CitedThing, Creator

__all__ = [
    "FORMATS",
    "CitedKind",
    "CitedThing",
    "Creator",
    "cite_bibtex",
    "cite_cff",
    "cite_csl",
    "cite_datacite",
    "cite_ris",
    "cite_text",
]

FORMATS: Mapping[str, Callable[[CitedThing], str]] = MappingProxyType(
    {
        "text": cite_text,
        "bibtex": cite_bibtex,
        "ris": cite_ris,
        "csl": cite_csl,
        "datacite": cite_datacite,
        "cff": cite_cff,
    }
)
