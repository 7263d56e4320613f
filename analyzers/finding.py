"""What an analyzer says of a picture or a region of it, before anyone has signed it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from analyzers.region import Region, parse_region
from hashstore.canonical import Json
from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Derivative:
    """Bytes that an analyzer made out of a picture, such as a crop or a corrected copy.

    Attributes:
        data: The bytes; they become a blob.
        media_type: What they are.
    """

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing said; what does not apply is None.

    Attributes:
        kind: What is said, by a name that the analyzer declares: `barcode`, `sharpness`, `label`.
        region: Where; None for the whole picture.
        text: What was read.
        language: In which language, as a BCP 47 tag.
        term: The IRI of a concept.
        value: A quantity, as a plain decimal (`decimals.decimal_text`).
        unit: Its unit, by UCUM's code; none for a plain number.
        uncertainty: Its standard uncertainty, in the same unit.
        confidence: How sure the analyzer is, 0 to 1, as a plain decimal.
        vector: An embedding: float32, little endian.
        derivative: Bytes made out of the picture.
    """

    kind: str
    region: Region | None = None
    text: str | None = None
    language: str | None = None
    term: str | None = None
    value: str | None = None
    unit: str | None = None
    uncertainty: str | None = None
    confidence: str | None = None
    vector: bytes | None = None
    derivative: Derivative | None = None

    def document(self) -> dict[str, Json]:
        """The finding as JSON without nulls; a derivative by its digest and media type."""
        made = self.derivative
        told: dict[str, Json] = {
            "kind": self.kind,
            "region": self.region.text if self.region else None,
            "text": self.text,
            "language": self.language,
            "term": self.term,
            "value": self.value,
            "unit": self.unit,
            "uncertainty": self.uncertainty,
            "confidence": self.confidence,
            "vector": base64.b64encode(self.vector).decode("ascii") if self.vector is not None else None,
            "derivative": Digest.of(made.data).uri if made else None,
            "mediaType": made.media_type if made else None,
        }
        return {name: value for name, value in told.items() if value is not None}


def read_finding(document: dict[str, str], derivative: Derivative | None = None) -> Finding:
    """The finding that `Finding.document` wrote.

    Args:
        document: The JSON.
        derivative: The bytes that it names by digest, if it names any.

    Raises:
        MalformedRegion: Its region is none.
        TypeError: It has members that no finding has.
        ValueError: Its vector is not base64, or the derivative is not the one that it names.
    """
    plain = dict(document)
    named = plain.pop("derivative", None)
    plain.pop("mediaType", None)
    if named != (Digest.of(derivative.data).uri if derivative else None):
        raise ValueError(f"the derivative is not {named}")
    region, vector = plain.pop("region", None), plain.pop("vector", None)
    return Finding(
        **plain,
        region=parse_region(region) if region is not None else None,
        vector=base64.b64decode(vector, validate=True) if vector is not None else None,
        derivative=derivative,
    )
