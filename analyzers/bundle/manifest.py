"""The manifest of a bundle: what is in it, by digest; its own digest is the bundle's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from analyzers.description import Description
from analyzers.description_json import check_document, description_document, read_description
from analyzers.errors import AnalyzerError, UnsuitableBundle
from analyzers.region import Region, parse_region
from hashstore.canonical import Json, canonical_json, parse_canonical
from hashstore.digest import Digest
from hashstore.errors import MalformedJson
from manifests.terms import VASCULUM

TYPE: Final = f"{VASCULUM}AnalyzerBundle"
LONGEST: Final = 1 << 20
_DIGEST: Final = {"type": "string", "pattern": "^hash://sha256/[0-9a-f]{64}$"}
_TEST: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["input", "expected"],
    "properties": {
        "input": _DIGEST,
        "expected": _DIGEST,
        "parameters": {"type": "object", "maxProperties": 100},
        "region": {"type": "string", "maxLength": 100_000},
    },
}
BUNDLE: Final = MappingProxyType[str, Any](
    {
        "type": {"const": TYPE},
        "code": _DIGEST,
        "analyzer": {"type": "object"},
        "environment": {
            "type": "object",
            "propertyNames": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
            "additionalProperties": {"type": "string", "pattern": "^[A-Za-z0-9.+!_-]{1,60}$"},
            "minProperties": 1,
            "maxProperties": 110,
        },
        "licenseText": _DIGEST,
        "tests": {"type": "array", "items": _TEST, "minItems": 1, "maxItems": 1000},
    }
)
"""The members of a manifest by their JSON Schema; `analyzer` has those of `DESCRIPTION`."""


@dataclass(frozen=True)
class Trial:
    """One test of a bundle.

    Attributes:
        input: The picture.
        expected: The output that must come of it; its digest is the output's own.
        parameters: Those that are not the defaults.
        region: The part that is read; None for all of it.
    """

    input: Digest
    expected: Digest
    parameters: Mapping[str, Json]
    region: Region | None = None

    def document(self) -> dict[str, Json]:
        """As JSON."""
        told: dict[str, Json] = {"input": self.input.uri, "expected": self.expected.uri}
        told.update({"parameters": dict(self.parameters)} if self.parameters else {})
        return {**told, "region": self.region.text} if self.region else told


@dataclass(frozen=True)
class Bundle:
    """An analyzer with all that is needed to run and to test it.

    Attributes:
        description: What it declares.
        code: Its code bundle.
        environment: The versions of packages with which the expected outputs were made.
        license_text: The words of its licence.
        trials: Its tests.
    """

    description: Description
    code: Digest
    environment: Mapping[str, str]
    license_text: Digest
    trials: tuple[Trial, ...]

    @cached_property
    def data(self) -> bytes:
        """The manifest's canonical form."""
        document: dict[str, Json] = {
            "type": TYPE,
            "analyzer": description_document(self.description),
            "code": self.code.uri,
            "environment": dict(self.environment),
            "licenseText": self.license_text.uri,
            "tests": [one.document() for one in self.trials],
        }
        return canonical_json(document)

    @cached_property
    def digest(self) -> Digest:
        """The bundle's name."""
        return Digest.of(self.data)

    @property
    def parts(self) -> tuple[Digest, ...]:
        """All that it names, sorted."""
        models = (model.digest for model in self.description.models)
        tests = (digest for one in self.trials for digest in (one.input, one.expected))
        return tuple(sorted({self.code, self.license_text, *models, *tests}))


def read_bundle(data: bytes) -> Bundle:
    """Read a manifest, whoever sent it. What it names is not looked at.

    Raises:
        UnsuitableBundle: It is none; the message says what is wrong.
    """
    try:
        if len(data) > LONGEST:
            raise UnsuitableBundle(f"A bundle's manifest has at most {LONGEST >> 20} MiB.")
        document = parse_canonical(data)
        check_document(document, BUNDLE, "manifest of a bundle")
        assert isinstance(document, dict)
        found: dict[str, Any] = document
        return Bundle(
            description=read_description(found["analyzer"]),
            code=Digest.parse(found["code"]),
            environment=MappingProxyType(dict(found["environment"])),
            license_text=Digest.parse(found["licenseText"]),
            trials=tuple(_trial(one) for one in found["tests"]),
        )
    except (MalformedJson, AnalyzerError) as error:
        if isinstance(error, UnsuitableBundle):
            raise
        raise UnsuitableBundle(f"This is no bundle of an analyzer: {error}") from error


def _trial(found: Mapping[str, Any]) -> Trial:
    region = parse_region(found["region"]) if "region" in found else None
    parameters = MappingProxyType(dict(found.get("parameters", {})))
    return Trial(Digest.parse(found["input"]), Digest.parse(found["expected"]), parameters, region)
