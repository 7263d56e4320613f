"""Where what a picture shows and what its record says differ: items for review, never corrections. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.review.conflicts.barcodes import barcode_conflicts
from node.review.conflicts.collectors import collector_conflicts
from node.review.conflicts.countries import country_conflicts
from node.review.conflicts.dates import date_conflicts
from node.review.conflicts.model import Conflict, Record, Said, label_of
from node.review.conflicts.numbers import number_conflicts

__all__ = ["Conflict", "Record", "Said", "conflicts_of"]

_OF_LABELS = (country_conflicts, date_conflicts, collector_conflicts, number_conflicts)


def conflicts_of(records: Sequence[Record], findings: Sequence[Said]) -> tuple[Conflict, ...]:
    """What of one picture contradicts its records.

    Args:
        records: The records that show it; public values only, by their column's name.
        findings: What was found in it: `barcode` and `line`; others are passed over.

    Returns:
        By column, each at the finding in which it was read. Nothing where there is no record.
    """
    if not records:
        return ()
    found = list(barcode_conflicts(records, [one for one in findings if one.kind == "barcode"]))
    if label := label_of(findings):
        # A label tells of one gathering: with several records nobody knows of which.
        for conflicts in _OF_LABELS if len(records) == 1 else ():
            found += conflicts(records[0], label)
    return tuple(found)
