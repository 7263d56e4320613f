"""The datasheet of a dataset version: counts that show how balanced it is, in one written form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hashstore.canonical import Json, canonical_json
from manifests.dataset.candidate import FACETS
from manifests.dataset.compose import Chosen
from manifests.dataset.licences import LicenceReport, licence_report

FORMAT: Final = "vasculum-datasheet/1"
_MOST_LISTED = 100


class Datasheet:
    """Counts over members as they pass."""

    def __init__(self) -> None:
        self.members = 0
        self.bytes = 0
        self.contradictory = 0
        self.licences: Counter[str | None] = Counter()
        self._specimens: set[str] = set()
        self._labels: Counter[str | None] = Counter()
        self._regions: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()
        self._facets: dict[str, Counter[str | None]] = {name: Counter() for name in FACETS}

    def watch(self, chosen: Iterable[Chosen]) -> Iterator[Chosen]:
        """Hand on what passes, and count it."""
        for candidate, member in chosen:
            self.members += 1
            self.bytes += member.size
            self.contradictory += candidate.contradictory
            self.licences[member.license] += 1
            self._specimens.update(candidate.specimens)
            self._labels[member.label] += 1
            self._regions.update(region.label for region in member.regions)
            if member.split is not None:
                self._splits[member.split] += 1
            for name, value in zip(FACETS, candidate.facets, strict=True):
                self._facets[name][value] += 1
            yield candidate, member

    def report(self, whole: str, *, parts: bool) -> LicenceReport:
        """The licences, compared with that of the whole.

        Raises:
            LicencesRefused: the licence of the whole is not known here.
        """
        return licence_report(whole, self.licences, self.contradictory, parts=parts)

    def document(self, report: LicenceReport) -> Json:
        """The datasheet as JSON."""
        return {
            "format": FORMAT,
            "members": self.members,
            "bytes": self.bytes,
            "specimens": len(self._specimens),
            "licences": {
                "compilation": report.whole,
                "members": dict(report.counts),
                "unknown": report.unknown,
                "contradictory": report.contradictory,
            },
            "splits": dict(self._splits),
            "labels": balance(self._labels),
            "regions": balance(dict(self._regions)),
            "balance": {name: balance(counts) for name, counts in self._facets.items()},
        }

    def data(self, report: LicenceReport) -> bytes:
        """The datasheet's one written form (RFC 8785, then a newline)."""
        return canonical_json(self.document(report)) + b"\n"


def balance(counts: Mapping[str | None, int] | Mapping[str, int]) -> dict[str, Json]:
    """How evenly members are spread over values.

    `effective` is the inverse of Simpson's index (Hill number of order 2): over how many values the same
    unevenness would come, were they equally common; with two places, rounded down.
    """
    known = {value: count for value, count in counts.items() if value is not None}
    total, squares = sum(known.values()), sum(count * count for count in known.values())
    hundredths = 100 * total * total // squares if squares else 0
    ordered = sorted(known.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "known": total,
        "unknown": sum(counts.values()) - total,
        "distinct": len(known),
        "effective": f"{hundredths // 100}.{hundredths % 100:02d}",
        "most": [{"value": value, "members": count} for value, count in ordered[:_MOST_LISTED]],
    }
