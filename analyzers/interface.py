"""What a plug-in is: an object of this shape under the entry point group `vasculum.analyzers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from analyzers.description import Description
from analyzers.finding import Finding
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.picture.picture import Picture

Reading: TypeAlias = "Callable[[Picture], Sequence[Finding]]"


@runtime_checkable
class Analyzer(Protocol):
    """A program that says something of pictures.

    It is made once in each worker. It must not keep anything of one picture for the next, read files other
    than its models, or ask the clock, the network or chance: what it finds depends on the picture, its
    parameters, its models and its code alone.
    """

    @property
    def description(self) -> Description:
        """What it declares; known without loading models."""

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Load what is needed, and return the function that reads one picture.

        Args:
            parameters: Checked against the schema, defaults filled in.
            models: Where each declared model is, by name; bytes checked.
        """
