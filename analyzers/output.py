"""What comes of one picture: findings or a fault, in one written form with a digest."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from analyzers.finding import Derivative, Finding, read_finding
from analyzers.region import Region, parse_region
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest

FAULTS: Final = ("no-image", "damaged", "too-large")


@dataclass(frozen=True, slots=True)
class Input:
    """What is read: a picture, or a region of it."""

    digest: Digest
    region: Region | None = None

    def document(self) -> dict[str, Json]:
        """As JSON."""
        plain: dict[str, Json] = {"digest": self.digest.uri}
        return {**plain, "region": self.region.text} if self.region else plain


@dataclass(frozen=True, slots=True)
class Output:
    """What an analyzer says of an input; the same wherever it is run.

    Attributes:
        input: What was read.
        findings: In the analyzer's order.
        fault: Why the picture cannot be read, one of `FAULTS`; there are no findings then.
    """

    input: Input
    findings: tuple[Finding, ...] = ()
    fault: str | None = None

    @property
    def data(self) -> bytes:
        """The canonical JSON of findings and fault."""
        said: dict[str, Json] = {"findings": [finding.document() for finding in self.findings]}
        return canonical_json({**said, "fault": self.fault} if self.fault else said)

    @property
    def digest(self) -> Digest:
        """What `reproduce` compares: SHA-256 of `data`."""
        return Digest.of(self.data)


class Failing(StrEnum):
    """Why there is no output: chance or a defect, nothing that is true of the picture."""

    FAILED = "failed"  # the analyzer raised
    BAD_OUTPUT = "bad-output"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out-of-memory"
    MISSING = "missing"  # its bytes are not here
    DIFFERENT = "different"  # its bytes are not those of its digest


@dataclass(frozen=True, slots=True)
class Failure:
    """An input without output. The next run tries it again.

    Attributes:
        input: What was to be read.
        failing: Why, by code; only this is ever published.
        words: What the operator is told; may hold what an analyzer printed.
    """

    input: Input
    failing: Failing
    words: str = ""


def encode_result(result: Output | Failure) -> dict[str, Json]:
    """A result as JSON: so it crosses from a worker, and so it waits until its run is whole."""
    told = result.input.document()
    if isinstance(result, Failure):
        return {**told, "failing": result.failing.value, "words": result.words}
    if result.fault:
        return {**told, "fault": result.fault}
    return {**told, "findings": [_with_bytes(finding) for finding in result.findings]}


def decode_result(document: Mapping[str, Any]) -> Output | Failure:
    """The result that `encode_result` wrote.

    Raises:
        KeyError: It is none, as the next ones.
        ValueError: A digest, a region or a vector in it is malformed.
        TypeError: A member is of another type.
    """
    region = document.get("region")
    input = Input(Digest.parse(document["digest"]), parse_region(region) if region is not None else None)
    if "failing" in document:
        return Failure(input, Failing(document["failing"]), str(document["words"]))
    if "fault" in document:
        if document["fault"] not in FAULTS:
            raise ValueError(f"{document['fault']!r} is no fault of a picture")
        return Output(input, fault=document["fault"])
    return Output(input, tuple(_finding(one) for one in document["findings"]))


def _with_bytes(finding: Finding) -> dict[str, Json]:
    told = finding.document()
    made = finding.derivative
    return {**told, "data": base64.b64encode(made.data).decode("ascii")} if made else told


def _finding(document: Mapping[str, Any]) -> Finding:
    plain = dict(document)
    data = plain.pop("data", None)
    made = Derivative(base64.b64decode(data, validate=True), plain["mediaType"]) if data is not None else None
    return read_finding(plain, made)
