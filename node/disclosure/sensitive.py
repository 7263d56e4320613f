"""Which records are of a sensitive taxon, by every column and term that can name one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
        """What is done with each row of a batch, as `treatment_of` says, a column at a time."""
        best = np.full(batch.num_rows, _NONE)
        for column in _columns(batch):
            encoded = column.dictionary_encode()
            found = [self._index(text) for text in encoded.dictionary.to_pylist()]
            # The place behind the last stands for null.
            places = pc.fill_null(encoded.indices, len(found)).to_numpy(zero_copy_only=False)
            best = np.minimum(best, np.array([*found, _NONE])[places])
        telling = _telling(batch)
        rows = batch.select(_with_terms(batch)).take(pa.array(telling, pa.int64())).to_pylist()
        for place, row in zip(telling, rows, strict=True):
            best[place] = min([best[place], *map(self._index, _texts_of_terms(row))])
        return [None if index == _NONE else self.treatments[index] for index in best.tolist()]

    def _index(self, text: str) -> int:
        found = self._match(text)
        return _NONE if found is None else found


_MOST_REMEMBERED: Final = 200_000
_NONE: Final = 1 << 30


def _columns(batch: pa.RecordBatch) -> Iterator[pa.StringArray]:
    names = batch.schema.names
    yield from (batch.column(name) for name in COLUMNS if name in names)
    parts = [batch.column(name) for name in _PARTS if name in names]
    if parts:
        yield pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in parts), " ")


def _telling(batch: pa.RecordBatch) -> list[int]:
    """The rows of which a term without a column may name a taxon: the others need not be taken apart."""
    if "verbatim" not in batch.schema.names:
        return []
    hints = "|".join((*_HINTS, *(name.lower() for name in _NAMES)))
    found = pc.match_substring_regex(batch.column("verbatim"), f"(?i){hints}")
    return [int(place) for place in np.flatnonzero(pc.fill_null(found, False).to_numpy(zero_copy_only=False))]


def _with_terms(batch: pa.RecordBatch) -> list[str]:
    return [name for name in ("specificEpithet", "verbatim") if name in batch.schema.names]


def _texts(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (row[name] for name in COLUMNS if row.get(name))
    parts = [row[name] for name in _PARTS if row.get(name)]
    if parts:
        yield " ".join(parts)
    yield from _texts_of_terms(row)


def _texts_of_terms(row: Mapping[str, Any]) -> Iterator[str]:
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
