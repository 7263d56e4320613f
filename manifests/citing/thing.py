"""What there is to say of a thing that is cited, whatever the format."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from manifests.errors import IncompleteCitation

_IDENTIFIER = re.compile(r"hash://sha256/([0-9a-f]{64})(?:#row=[1-9][0-9]*)?", re.ASCII)
# White space of every kind and controls: no citation format can hold a line break inside a value.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class CitedKind(StrEnum):
    """What kind of thing it is."""

    DATASET = "dataset"
    IMAGE = "image"
    RECORD = "record"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Creator:
    """Who made it.

    Attributes:
        name: The family name of a person of whom `given` is known; else the whole name.
        given: Given names.
    """

    name: str
    given: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", one_line(self.name))
        object.__setattr__(self, "given", one_line(self.given or "") or None)
        if not self.name:
            raise IncompleteCitation("a creator without a name cannot be cited; name them or leave them out")

    @property
    def inverted(self) -> str:
        """Family name first, as lists of references want it."""
        return f"{self.name}, {self.given}" if self.given else self.name


@dataclass(frozen=True, slots=True)
class CitedThing:
    """A dataset, image, record or file with its hash identifier.

    Attributes:
        title: What it is called.
        identifier: `hash://sha256/<hex>`, or a row URI.
        accessed: When the citing node had the bytes.
        creators: Who made it, first one first.
        year: Of its publication.
        publisher: Who published it.
        licence: Name or address of its licence, of the thing itself.
        url: Where it was published.
        version: The publisher's name of its version.
        container: Title of the dataset that it is part of.
        kind: What kind of thing it is.
    """

    title: str
    identifier: str
    accessed: date
    creators: tuple[Creator, ...] = ()
    year: int | None = None
    publisher: str | None = None
    licence: str | None = None
    url: str | None = None
    version: str | None = None
    container: str | None = None
    kind: CitedKind = CitedKind.DATASET

    def __post_init__(self) -> None:
        if not one_line(self.title):
            raise IncompleteCitation("a thing without a title cannot be cited; give it one")
        if not _IDENTIFIER.fullmatch(self.identifier):
            raise IncompleteCitation(
                f"{self.identifier!r} is no hash://sha256/<hex> identifier nor a row URI"
            )

    @property
    def short_hash(self) -> str:
        """The first eight hex digits of the identifier."""
        return self.identifier.removeprefix("hash://sha256/")[:8]


def one_line(text: str) -> str:
    """The text on one line: white space, line breaks and controls become single spaces."""
    return _BLANKS.sub(" ", text).strip()
