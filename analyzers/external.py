"""Analyzers that were run elsewhere: named by digest as those here are, but nobody can run them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from analyzers.description import Task
from analyzers.errors import AnalyzerError
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from manifests.terms import VASCULUM

DETERMINISM: Final = "none"
"""What a run promises of being made again."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExternalAnalyzer:
    """A program elsewhere, of which models are all that is known by digest.

    Attributes:
        name: What it is called.
        version: Which version.
        task: What it does.
        models: Digests of its models, by name; at least one.
    """

    name: str
    version: str
    task: Task
    models: Mapping[str, Digest]

    def __post_init__(self) -> None:
        for text in (self.name, self.version, *self.models):
            if not _NAME.fullmatch(text):
                raise AnalyzerError(f"{text!r} is no name: letters, digits, blanks and ._+-, at most 100.")
        if not self.models:
            raise AnalyzerError("Results have to be tied to a model: give at least one, by file or digest.")
        object.__setattr__(self, "models", MappingProxyType(dict(self.models)))

    def document(self) -> dict[str, Json]:
        """The identity as JSON; its canonical form is a blob, named by `digest`."""
        return {
            "type": f"{VASCULUM}ExternalAnalyzerIdentity",
            "name": self.name,
            "version": self.version,
            "task": self.task.value,
            "models": {name: digest.uri for name, digest in self.models.items()},
        }

    @property
    def data(self) -> bytes:
        """The canonical form."""
        return canonical_json(self.document())

    @property
    def digest(self) -> Digest:
        """The identity."""
        return Digest.of(self.data)
