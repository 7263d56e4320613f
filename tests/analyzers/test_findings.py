"""Findings: what crosses from a worker comes back equal, and what must not be published is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.check import LONGEST_TEXT, check_findings
from analyzers.decimals import decimal_text, is_decimal
from analyzers.errors import BadOutput
from analyzers.finding import Derivative, Finding
from analyzers.output import Failing, Failure, Input, Output, decode_result, encode_result
from analyzers.region import Box, Grid, Point, Polygon
from hashstore.canonical import canonical_json, parse_json
from hashstore.digest import Digest

KINDS = {"label": "A label.", "width": "A width."}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
NUMBERS = st.floats(-1e9, 1e9).map(decimal_text)
BOXES = st.builds(Box, st.integers(0, 50), st.integers(0, 50), st.integers(1, 50), st.integers(1, 50))
VECTORS = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=4)
FINDINGS = st.builds(
    Finding,
    kind=st.sampled_from(sorted(KINDS)),
    region=st.none() | BOXES,
    text=st.none() | TEXTS,
    value=st.none() | NUMBERS,
    confidence=st.none() | st.floats(0, 1).map(decimal_text),
    vector=st.none() | VECTORS.map(lambda vector: struct.pack(f"<{len(vector)}f", *vector)),
    derivative=st.none() | st.builds(Derivative, st.binary(max_size=30), st.just("image/png")),
)
INPUTS = st.builds(
    Input, st.binary(min_size=32, max_size=32).map(Digest), st.none() | st.just(Box(1, 2, 3, 4))
)
RESULTS = st.one_of(
    st.builds(Output, INPUTS, st.lists(FINDINGS, max_size=4).map(tuple)),
    st.builds(Output, INPUTS, fault=st.sampled_from(["no-image", "damaged", "too-large"])),
    st.builds(Failure, INPUTS, st.sampled_from(Failing), TEXTS),
)


@given(RESULTS)
def test_a_result_crosses_as_json_and_comes_back_equal(result: Output | Failure) -> None:
    assert decode_result(parse_json(canonical_json(encode_result(result)))) == result  # type: ignore[arg-type]


@given(st.lists(FINDINGS, max_size=4).map(tuple), st.lists(FINDINGS, max_size=4).map(tuple))
def test_outputs_have_one_digest_exactly_if_the_same_was_found(
    one: tuple[Finding, ...], other: tuple[Finding, ...]
) -> None:
    here = Input(Digest.of(b"a"))
    assert (Output(here, one).digest == Output(here, other).digest) == (one == other)


@given(st.lists(FINDINGS, max_size=4))
def test_sound_findings_pass(findings: list[Finding]) -> None:
    check_findings(findings, KINDS, (100, 100))


@pytest.mark.parametrize(
    "finding",
    [
        Finding("other"),
        Finding("label", text="two\nlines"),
        Finding("label", text="x" * (LONGEST_TEXT + 1)),
        Finding("label", text="\ud800"),
        Finding("label", term="not an IRI"),
        Finding("width", value="NaN"),
        Finding("width", value="inf"),
        Finding("width", value="1e5"),
        Finding("width", value="1.50"),
        Finding("width", value=3.5),  # type: ignore[arg-type]
        Finding("width", value="1", uncertainty="-1"),
        Finding("label", confidence="1.1"),
        Finding("label", region=Box(90, 0, 11, 1)),
        Finding("label", region=Box(0, 0, 0, 1)),
        Finding("label", region=Point(100, 0)),
        Finding("label", region=Polygon(((0, 0), (1, 1), (100, 0)))),
        Finding("label", region=Grid(2, 2, (5,))),
        Finding("label", vector=b""),
        Finding("label", vector=b"abc"),
        Finding("label", vector=struct.pack("<f", float("nan"))),
        Finding("label", vector=struct.pack("<f", float("inf"))),
        "no finding",
    ],
    ids=repr,
)
def test_what_must_not_be_published_is_refused(finding: Finding) -> None:
    with pytest.raises(BadOutput, match="finding 2"):
        check_findings([Finding("label"), finding], KINDS, (100, 100))


def test_too_many_findings_are_refused() -> None:
    with pytest.raises(BadOutput, match="10,001"):
        check_findings([Finding("label")] * 10_001, KINDS, (1, 1))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), st.integers(0, 9))
def test_a_decimal_is_plain_and_near_what_was_meant(value: float, digits: int) -> None:
    text = decimal_text(value, digits)
    assert is_decimal(text)
    assert abs(float(text) - value) <= 0.5 * 10**-digits + abs(value) * 1e-12


@pytest.mark.parametrize("make", [lambda: decimal_text(float("nan")), lambda: decimal_text(float("-inf"))])
def test_what_is_not_finite_has_no_decimal(make: Callable[[], str]) -> None:
    with pytest.raises(BadOutput):
        make()
