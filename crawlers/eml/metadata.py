"""What a dataset's metadata document says, whatever its format: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Creator:
    """One who made the dataset; at least one of the three names is filled.

    Attributes:
        given: Given names; empty if unknown.
        family: Family name; empty for an organisation.
        organisation: Of the person, or the creator itself; empty if unknown.
        identifiers: ORCID iDs and the like, as published.
    """

    given: str = ""
    family: str = ""
    organisation: str = ""
    identifiers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name to print: the person's, else the organisation's."""
        return " ".join(part for part in (self.given, self.family) if part) or self.organisation


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that the document does not give, and why we think so."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatasetMetadata:
    """Who made the dataset, what it is called, and under which terms it may be used.

    Attributes:
        format: "eml" or "dublin-core".
        title: In the document's own language; None if missing, as with every field that may be None.
        creators: In the order in which they are to be cited.
        publisher: The publishing organisation.
        licence: URL of the licence; where no URL is stated, the words that stand for it.
        rights: The whole statement of rights.
        citation: How the publisher wants the dataset to be cited.
        citation_identifier: Identifier (mostly a DOI) that the citation carries.
        identifiers: Every identifier of the dataset, as published.
        published: Date of publication, as published.
        language: Language of the dataset, as published.
        encoding: The codec by which the document was read.
        missing: Of title, creators, licence and citation, those that the document does not give.
        notes: What was mended while it was read, such as a wrong encoding declared.
    """

    format: str
    title: str | None
    creators: tuple[Creator, ...]
    publisher: str | None
    licence: str | None
    rights: str | None
    citation: str | None
    citation_identifier: str | None
    identifiers: tuple[str, ...]
    published: str | None
    language: str | None
    encoding: str
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()

    def reason(self, field: str) -> str | None:
        """Why a field is missing; None if it is there."""
        return next((gap.reason for gap in self.missing if gap.field == field), None)

    def to_json(self) -> dict[str, Any]:
        """As it crosses from the process that read the document; `from_json` is the inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DatasetMetadata:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: It is something else.
        """
        plain = {field.name: value[field.name] for field in fields(cls)}
        return cls(
            **{
                **plain,
                "creators": tuple(
                    Creator(**{**creator, "identifiers": tuple(creator["identifiers"])})
                    for creator in plain["creators"]
                ),
                "identifiers": tuple(plain["identifiers"]),
                "missing": tuple(Missing(**gap) for gap in plain["missing"]),
                "notes": tuple(plain["notes"]),
            }
        )
