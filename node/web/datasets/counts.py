"""What a new dataset would hold, counted by what anyone may search: quickly, while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from manifests.dataset.licences import LicenceReport, licence_report, words_of_whole
from manifests.filter import Filter
from node.search.database import Query
from node.search.facets import Counted, count, facet_columns
from node.search.images import count_images
from node.search.matched import match

_SHOWN: Final = 6
_LICENCES: Final = 500
_SPREAD: Final = ("class", "family", "country", "institution", "typeStatus")


@dataclass(frozen=True, slots=True)
class Counts:
    """What fits.

    Attributes:
        records: Records with an image.
        images: Their different images.
        report: Licences, counted by records: a record of which images are under several counts under each.
        note: What the licence of the whole does not cover, in words.
        spread: The commonest values of some facets.
    """

    records: int
    images: int
    report: LicenceReport
    note: str | None
    spread: tuple[Counted, ...]


def count_wish(query: Query, tree: Filter | None, whole: str) -> Counts:
    """Count what a filter finds.

    Only public rows are searched, so that nobody learns from a count what a row hides.

    Args:
        query: A question to the search database.
        tree: The filter; None for all.
        whole: SPDX identifier of the compilation's licence.

    Raises:
        LicencesRefused: that licence is not known here.
        IndexUnusable: DuckDB refuses.
    """
    facets = ("license", *_SPREAD)
    matched = match(query, tree, facet_columns(facets), images=True)
    (licences,) = count(query, matched, ("license",), _LICENCES)
    by_licence: dict[str | None, int] = dict(licences.values)
    report = licence_report(whole, by_licence | {None: licences.missing})
    return Counts(
        matched.total,
        count_images(query, matched),
        report,
        words_of_whole(whole, report.counts),
        count(query, matched, _SPREAD, _SHOWN),
    )
