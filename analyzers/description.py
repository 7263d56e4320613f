"""What an analyzer declares of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from analyzers.errors import AnalyzerError
from hashstore.canonical import Json
from hashstore.digest import Digest

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)


class Task(StrEnum):
    """What an analyzer is for."""

    DESCRIBE = "describe"
    READ = "read"
    MEASURE = "measure"
    SEGMENT = "segment"
    CLASSIFY = "classify"
    DETECT = "detect"
    EMBED = "embed"
    CORRECT = "correct"
    COMPARE = "compare"


class InputKind(StrEnum):
    """What an analyzer takes."""

    IMAGE = "image"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Determinism:
    """How exactly an output is made again.

    Attributes:
        tolerance: None if bit for bit, on the same platform; else how far values, confidences and the
            coordinates of vectors may differ, as a plain decimal.
    """

    tolerance: str | None = None

    @property
    def text(self) -> str:
        """`bitwise` or `tolerance(0.001)`."""
        return "bitwise" if self.tolerance is None else f"tolerance({self.tolerance})"


BITWISE: Final = Determinism()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model: bytes that an analyzer needs beside its code.

    Attributes:
        name: The name by which the analyzer asks for it.
        digest: Its bytes.
        package: The installed package that has it, as `distribution:path/in/it`; None if the operator
            gives it.
        license: By its SPDX identifier.
    """

    name: str
    digest: Digest
    package: str | None = None
    license: str | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What one picture may cost: beyond it, the worker is ended and the picture is a failure.

    Attributes:
        memory: Bytes of address space of a worker.
        seconds: Wall time for one picture.
    """

    memory: int = 8 << 30
    seconds: float = 60.0


@dataclass(frozen=True)
class Description:
    """What an analyzer declares.

    Attributes:
        name: In lower case with hyphens; unique among installed ones.
        version: Of the analyzer, as numbers with points.
        task: What it is for.
        about: One sentence for the list of analyzers.
        kinds: Each kind of finding it may make, with what that says.
        inputs: What it takes.
        parameters: JSON Schema (2020-12) of an object whose properties all have a default. Decimals are
            strings: identities are made of canonical JSON, which has no fractions.
        models: What it needs beside its code.
        determinism: What `reproduce` holds it to.
        needs: What one picture may cost.
        environment: Installed distributions whose version affects what it finds.
        license: Of its code, by SPDX identifier.
        citation: The paper or page that its users cite.
    """

    name: str
    version: str
    task: Task
    about: str
    kinds: Mapping[str, str]
    inputs: tuple[InputKind, ...] = (InputKind.IMAGE, InputKind.REGION)
    parameters: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    models: tuple[ModelFile, ...] = ()
    determinism: Determinism = BITWISE
    needs: Needs = Needs()
    environment: tuple[str, ...] = ()
    license: str = "Apache-2.0"
    citation: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be named on a command line or in a filter.

        Raises:
            AnalyzerError: The name, the version or a kind is written in another way.
        """
        if not _NAME.fullmatch(self.name) or not all(_NAME.fullmatch(kind) for kind in self.kinds):
            raise AnalyzerError(f"{self.name!r}: names are lower-case letters, digits and hyphens")
        if not _VERSION.fullmatch(self.version):
            raise AnalyzerError(f"{self.name!r}: a version is numbers with points, not {self.version!r}")
