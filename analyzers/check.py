"""Whether findings may be published: declared, finite, and inside the picture. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from analyzers.decimals import is_decimal
from analyzers.errors import AnalyzerError, BadOutput
from analyzers.finding import Derivative, Finding
from analyzers.region import Box, Region, parse_region

MOST_FINDINGS: Final = 10_000
LONGEST_TEXT: Final = 100_000
LARGEST_VECTOR: Final = 16_384  # coordinates
LARGEST_DERIVATIVE: Final = 256 << 20
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]{1,2000}")
# Pictures only, and none that a browser runs scripts of: a derivative is served under its type.
_MEDIA_TYPE: Final = re.compile(r"image/(?!svg)[a-z0-9][a-z0-9.+-]{0,60}")
_TEXTS: Final = ("text", "language", "term", "unit")
_NUMBERS: Final = ("value", "uncertainty", "confidence")


def check_findings(findings: Sequence[Finding], kinds: Mapping[str, str], size: tuple[int, int]) -> None:
    """Check all that an analyzer said of one picture.

    Args:
        findings: What it returned.
        kinds: What it declares.
        size: Width and height of the upright picture.

    Raises:
        BadOutput: One must not be published; the message says which, from 1, and why.
    """
    if len(findings) > MOST_FINDINGS:
        raise BadOutput(f"{len(findings):,} findings of one picture; there may be {MOST_FINDINGS:,}")
    for place, finding in enumerate(findings, 1):
        if not isinstance(finding, Finding):
            raise BadOutput(f"finding {place} is a {type(finding).__name__}")
        try:
            _check(finding, kinds, size)
        except AnalyzerError as error:
            raise BadOutput(f"finding {place} ({finding.kind!r}): {error}") from None


def _check(finding: Finding, kinds: Mapping[str, str], size: tuple[int, int]) -> None:
    if finding.kind not in kinds:
        raise BadOutput("the analyzer does not declare this kind")
    for name in _TEXTS:
        _check_text(name, getattr(finding, name))
    if finding.term is not None and not _IRI.fullmatch(finding.term):
        raise BadOutput("its term is no IRI")
    for name in _NUMBERS:
        _check_number(name, getattr(finding, name))
    if finding.region is not None:
        _check_region(finding.region, size)
    _check_vector(finding.vector)
    if finding.derivative is not None:
        _check_derivative(finding.derivative)


def _check_text(name: str, text: Any) -> None:
    if text is None:
        return
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or _CONTROL.search(text):
        raise BadOutput(f"its {name} is no text of at most {LONGEST_TEXT:,} characters without controls")


def _check_number(name: str, number: Any) -> None:
    if number is None:
        return
    if not isinstance(number, str) or not is_decimal(number):
        raise BadOutput(f"its {name} {number!r} is no plain decimal; make it by decimal_text")
    if name == "confidence" and not 0 <= float(number) <= 1:
        raise BadOutput(f"its confidence {number} is not between 0 and 1")
    if name == "uncertainty" and float(number) < 0:
        raise BadOutput(f"its uncertainty {number} is below 0")


def _check_region(region: Region, size: tuple[int, int]) -> None:
    # Written and read again: what an analyzer builds by hand obeys the grammar like what strangers send.
    bounds = parse_region(region.text).bounds or Box(0, 0, *size)
    if bounds.x + bounds.width > size[0] or bounds.y + bounds.height > size[1]:
        raise BadOutput(f"its region {region.text[:60]} lies outside the picture of {size[0]} x {size[1]}")


def _check_vector(vector: bytes | None) -> None:
    if vector is None:
        return
    if not vector or len(vector) % 4 or len(vector) > LARGEST_VECTOR * 4:
        raise BadOutput(
            f"its vector has {len(vector)} bytes; float32 takes 4 each, at most {LARGEST_VECTOR:,}"
        )
    if not np.isfinite(np.frombuffer(vector, "<f4")).all():
        raise BadOutput("its vector is not finite")


def _check_derivative(made: Derivative) -> None:
    if len(made.data) > LARGEST_DERIVATIVE:
        raise BadOutput(f"its derivative has more than {LARGEST_DERIVATIVE >> 20} MiB")
    if not isinstance(made.media_type, str) or not _MEDIA_TYPE.fullmatch(made.media_type):
        raise BadOutput(f"its derivative is {str(made.media_type)[:80]!r}, no type of pictures")
