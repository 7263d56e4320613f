"""Which records are of a sensitive taxon, by every column and term that can name one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from manifests.terms import DWC
from node.config import SensitiveConfig
from node.disclosure.names import NameList, name_list
from node.disclosure.treatment import Treatment

COLUMNS: Final = (
    "scientificName",
    "vernacularName",
    "genus",
    "family",
    "order",
    "class",
    "phylum",
    "kingdom",
)
_PARTS: Final = ("genus", "specificEpithet", "infraspecificEpithet")
NEEDED: Final = (*dict.fromkeys((*COLUMNS, *_PARTS)), "verbatim")
# fmt: off
_NAMES: Final = {
    "scientificName", "genericName", "subgenus", "subtribe", "tribe", "subfamily", "superfamily",
    "higherClassification", "acceptedNameUsage", "parentNameUsage", "originalNameUsage",
    "previousIdentifications", "verbatimIdentification", "taxonConceptID", "associatedTaxa",
    "associatedOrganisms", "cultivarEpithet", "vernacularName", "genus", "family", "order", "class",
    "phylum", "kingdom",
}
# fmt: on
_TERMS: Final = frozenset({DWC + name for name in _NAMES})
# Publishers write accepted names under terms of their own, too: `acceptedScientificName`, `species`, `taxon`.
_HINTS: Final = ("name", "taxon", "species", "synonym", "identif", "host")


@dataclass(frozen=True, slots=True)
class SensitiveTaxa:
    """The operator's list, ready to be asked.

    Attributes:
        names: The names; each stands for an index into `treatments`, the strictest first.
        treatments: What is done with them.
    """

    names: NameList
    treatments: tuple[Treatment, ...] = ()
    _seen: dict[str, int | None] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.names.meaning)

    def treatment_of(self, row: Mapping[str, Any]) -> Treatment | None:
        """What is done with a row of the specimen or record table; None if its taxon is not on the list."""
        found = (index for text in _texts(row) if (index := self._match(text)) is not None)
        best = min(found, default=None)
        return None if best is None else self.treatments[best]

    def _match(self, text: str) -> int | None:
        # Names repeat from row to row; reading one takes longer than remembering it.
        if text not in self._seen:
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen.clear()
            self._seen[text] = self.names.match_any(text)
        return self._seen[text]

    def among(self, batch: pa.RecordBatch) -> list[Treatment | None]:
        """What is done with each row of a batch."""
        names = [name for name in NEEDED if name in batch.schema.names]
        return [self.treatment_of(row) for row in batch.select(names).to_pylist()]


_MOST_REMEMBERED: Final = 200_000


def _texts(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (row[name] for name in COLUMNS if row.get(name))
    parts = [row[name] for name in _PARTS if row.get(name)]
    if len(parts) > 1:
        yield " ".join(parts)
    if verbatim := row.get("verbatim"):
        terms = json.loads(verbatim)
        yield from (value for term, value in terms.items() if _names_a_taxon(term) and isinstance(value, str))
        generic = [
            terms.get(DWC + "genericName"),
            row.get("specificEpithet") or terms.get(DWC + "specificEpithet"),
        ]
        if all(generic):
            yield " ".join(str(part) for part in generic)


def _names_a_taxon(term: str) -> bool:
    if term in _TERMS:
        return True
    local = term.replace("#", "/").rsplit("/", 1)[-1].lower()
    return any(hint in local for hint in _HINTS) and "datasetname" not in local


def sensitive_taxa(config: SensitiveConfig) -> SensitiveTaxa:
    """The operator's list, the strictest treatment first, so that a taxon of two rules gets that one."""
    order = tuple(reversed(Treatment))
    taxa = [(name, order.index(rule.to)) for rule in config.rules for name in rule.taxa]
    return SensitiveTaxa(name_list(taxa, config.synonyms), order)
