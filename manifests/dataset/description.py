"""What a dataset version says of itself, whatever format it is handed over in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hashstore.digest import Digest
from manifests.citing import CitedKind, CitedThing, Creator, cite_text


class DatasetKind(StrEnum):
    """What a dataset is for."""

    CORPUS = "corpus"
    """Images to train on or to look at."""
    BENCHMARK = "benchmark"
    """Images with labels, a split and a metric, to compare methods on."""


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset version.

    Attributes:
        statement: Digest of the signed statement; the version's identifier.
        manifest: Digest of its manifest.
        count: How many members it has.
        title: What it is called.
        creators: Who put it together, first one first.
        license: SPDX identifier of the licence of the compilation, not of its images.
        version: Its number, from 1.
        made: When it was made, UTC.
        publisher: The institution whose node signed it.
        origin: The name of the log that holds the statement.
        description: What it is, in words.
        keywords: Words to find it by.
        kind: What it is for.
        metric: How methods are compared on it; of a benchmark only.
        withdrawn: How many members were withdrawn since it was made, as far as the asking node knows.
    """

    statement: Digest
    manifest: Digest
    count: int
    title: str
    creators: tuple[Creator, ...]
    license: str
    version: int
    made: datetime
    publisher: str
    origin: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    kind: DatasetKind = DatasetKind.CORPUS
    metric: str | None = None
    withdrawn: int = 0

    @property
    def cited(self) -> CitedThing:
        """What a citation of it says. The date of access is that of making, so that all nodes cite alike."""
        gone = f"; {self.withdrawn} withdrawn" if self.withdrawn else ""
        return CitedThing(
            title=self.title,
            identifier=self.statement.uri,
            accessed=self.made.date(),
            creators=self.creators,
            year=self.made.year,
            publisher=self.publisher,
            licence=self.license,
            version=f"{self.version} ({self.count} images{gone})",
            kind=CitedKind.DATASET,
        )

    @property
    def citation(self) -> str:
        """The citation in words, on one line without a line break."""
        return cite_text(self.cited)
