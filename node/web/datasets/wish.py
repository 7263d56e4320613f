"""What the form of a new dataset says, and the command that makes it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import QueryParams

from manifests.dataset.recipe import parse_shares
from manifests.errors import RecipeRefused

LICENCES: Final = ("CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", "ODC-By-1.0")
"""Those that are offered; any other can be given on the command line."""
LABELS: Final = ("", "family", "genus", "scientificName", "class", "typeStatus", "country", "institutionCode")
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a new dataset; empty where nothing was said.

    Attributes:
        filter: Which images, as written.
        title: What it is called.
        license: SPDX identifier of the compilation's licence.
        creators: Who puts it together.
        description: What it is.
        label_by: The column that gives labels.
        split: Shares of train, validation and test.
        stratify: The same shares of each label.
        unknown: Take images of unknown licence.
    """

    filter: str
    title: str
    license: str
    creators: str
    description: str
    label_by: str
    split: str
    stratify: bool
    unknown: bool

    @property
    def problem(self) -> str | None:
        """What is wrong with it beside the filter; None if nothing is."""
        if not self.split:
            return None
        try:
            parse_shares(self.split)
        except RecipeRefused as error:
            return str(error)
        return None

    @property
    def command(self) -> str:
        """The command that makes the dataset, as a shell takes it."""
        return shlex.join(["vasculum", "dataset", "create", *self._options()])

    def _options(self) -> Iterator[str]:
        named = {
            "--title": self.title or "TITLE",
            "--license": self.license,
            "--filter": self.filter,
            "--creators": self.creators,
            "--description": self.description,
            "--label-by": self.label_by,
            "--split": self.split,
        }
        for name, value in named.items():
            # A value that begins with a hyphen would be taken for an option.
            yield from (() if not value else (f"{name}={value}",) if value.startswith("-") else (name, value))
        yield from ["--stratify"] if self.stratify and self.split and self.label_by else []
        yield from ["--allow-unknown-licenses"] if self.unknown else []


def read_wish(query: QueryParams) -> Wish:
    """Read the form; texts are on one line, and no longer than anybody would type."""

    def text(name: str) -> str:
        return " ".join(query.get(name, "").split())[:_LONGEST]

    return Wish(
        # Spaces may count in it, and a filter that was cut would be another one.
        filter=query.get("filter", "").strip(),
        title=text("title"),
        license=text("license") or "CC-BY-4.0",
        creators=text("creators"),
        description=text("description"),
        label_by=text("label_by"),
        split=text("split"),
        stratify=query.get("stratify") == "yes",
        unknown=query.get("unknown") == "yes",
    )
