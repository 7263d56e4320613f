"""What a record rests on, and whether that is what this commons collects: specimens, and images of them."""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.issues import Issue
from manifests.quality.step import ByValue, Columns, Filled, Reading, Remembering

# Darwin Core's class names, and what else people call them, letters alone.
_WORDS: Final = {
    "PreservedSpecimen": "specimen preserved preservedspecimens s ps sheet voucher herbariumspecimen "
    "herbariumsheet physicalspecimen museumspecimen dryspecimen pinnedspecimen otherspecimen",
    "FossilSpecimen": "fossil fossils fossilspecimens fossilizedspecimen",
    "LivingSpecimen": "living livingspecimens",
    "MaterialSample": "genomicdna tissuesample",
    "MaterialEntity": "",
    "MaterialCitation": "literature",
    "HumanObservation": "",
    "MachineObservation": "photo photograph stillimage",
    "Observation": "o",
    "Occurrence": "",
    "Event": "",
    "Taxon": "",
}
_NAMES: Final = {word: name for name, words in _WORDS.items() for word in (name.casefold(), *words.split())}
_IN_SCOPE: Final = frozenset({"PreservedSpecimen", "FossilSpecimen", "MaterialSample", "MaterialEntity"})
_OBSERVED: Final = frozenset({"HumanObservation", "MachineObservation", "Observation", "Occurrence"})
# Terms without a column by which an observation names the specimen that was taken of it.
_LINK: Final = (
    '/(?:associatedOccurrences|materialEntityID|materialSampleID|associatedSpecimenReference)":"[^"]'
)


def read_basis(basis: str | None, link: str | None) -> Reading:
    """What `basisOfRecord` means, by Darwin Core's class names.

    Args:
        basis: As published.
        link: Anything, if the record names a specimen that was taken of what was observed.
    """
    plain = re.sub(r"[^a-z]", "", re.split("[/#:]", (basis or "").strip())[-1].casefold())
    if plain in ("", "unknown"):
        return Reading((None,))
    name = _NAMES.get(plain)
    if name is None:
        return Reading((None,), (Issue.BASIS_OF_RECORD_INVALID,))
    if name in _IN_SCOPE or (name in _OBSERVED and link is not None):
        return Reading((name,))
    return Reading((name,), (Issue.BASIS_OF_RECORD_OUT_OF_SCOPE,))


class Basis:
    """The step that reads `basisOfRecord`; of an observation it looks for a specimen in the other terms."""

    def __init__(self) -> None:
        outputs = ("interpretedBasisOfRecord",)
        self._read = ByValue(("basisOfRecord", "link"), outputs, Remembering(read_basis))

    def fill(self, columns: Columns) -> Filled:
        """Read a batch."""
        basis = columns["basisOfRecord"]
        link = pa.nulls(len(basis), pa.string())
        observed = any(read_basis(text, None).issues for text in basis.unique().to_pylist())
        if observed:
            found = pc.fill_null(pc.match_substring_regex(columns["verbatim"], _LINK), False)
            link = pc.if_else(found, pa.scalar("linked"), link)
        return self._read.fill({"basisOfRecord": basis, "link": link})
