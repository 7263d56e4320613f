"""The steps that rows of each table go through, in their order."""

from __future__ import annotations

from manifests.quality.coordinates import Coordinates
from manifests.quality.country import read_country
from manifests.quality.dates import Dates
from manifests.quality.gathering import Gathering
from manifests.quality.interpreter import Interpreter
from manifests.quality.land import land
from manifests.quality.licences import read_licence
from manifests.quality.names import Names
from manifests.quality.scope import Basis
from manifests.quality.specimen_uri import SpecimenUri
from manifests.quality.step import ByValue, Remembering, Step
from manifests.quality.type_status import read_type_status


def interpreter(today: str) -> Interpreter:
    """Interprets the rows of a crawl.

    Args:
        today: `YYYY-MM-DD`; nothing was collected after it.
    """
    return Interpreter({"specimen": _of_specimens(today), "media": (_LICENCE,)})


def _of_specimens(today: str) -> tuple[Step, ...]:
    return (
        ByValue(("country", "countryCode"), ("interpretedCountryCode",), Remembering(read_country)),
        Coordinates(land),
        ByValue(
            ("eventDate", "year", "month", "day"),
            ("interpretedEventDate", "interpretedYear"),
            Remembering(Dates(today)),
        ),
        Names(),
        ByValue(("typeStatus",), ("interpretedTypeStatus",), Remembering(read_type_status)),
        Basis(),
        SpecimenUri(),
        Gathering(),
    )


_LICENCE = ByValue(
    ("license", "webStatement", "usageTerms", "rights"), ("licenseSPDX",), Remembering(read_licence)
)
