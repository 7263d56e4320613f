"""What stands in a file of annotations, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analyzers.errors import AnalyzerError

MEMBERS = (
    "kind", "region", "text", "language", "term", "value", "unit", "uncertainty", "confidence", "vector",
)  # fmt: skip
"""Members of a finding that files can tell, as `Finding.document` writes them."""


class MalformedFile(AnalyzerError):
    """A file of annotations is not of the format that it should be of."""


@dataclass(frozen=True, slots=True)
class Item:
    """One annotation of a file.

    Attributes:
        place: Which one it is, from 1.
        image: The image as the file names it: a digest, or a file's name.
        finding: What is said, by `MEMBERS`; what does not apply is absent.
        size: Width and height that the file gives the image.
        motivation: By W3C Web Annotation.
        agent: IRI of who said it.
        created: When, in UTC, ISO 8601.
        generator: IRI of the analyzer that made it.
        name: IRI of the annotation itself.
    """

    place: int
    image: str
    finding: Mapping[str, str]
    size: tuple[int, int] | None = None
    motivation: str | None = None
    agent: str | None = None
    created: str | None = None
    generator: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "finding", MappingProxyType(dict(self.finding)))


@dataclass(frozen=True, slots=True)
class Refused:
    """An annotation that is not taken.

    Attributes:
        place: Which one it is, from 1.
        reason: A code.
        words: What is wrong with it.
    """

    place: int
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what of the items it cannot say.

    Attributes:
        data: The file.
        lost: How many items lost a member, by the member; `item` counts those that are not there at all.
    """

    data: bytes
    lost: Mapping[str, int] = field(default_factory=dict)
