"""What is done with the records of a sensitive taxon."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class Treatment(StrEnum):
    """How exactly a place may be told; the strictest last."""

    TENTH = "0.1 degree"
    DEGREE = "1 degree"
    COUNTRY = "country"
    WITHHOLD = "withhold"

    @property
    def cell(self) -> Decimal | None:
        """The size of the grid's cells in degrees; None where no coordinates are told."""
        return {Treatment.TENTH: Decimal("0.1"), Treatment.DEGREE: Decimal(1)}.get(self)
