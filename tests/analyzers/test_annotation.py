"""Findings as annotations: W3C's own checks hold, and nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from analyzers.annotation import Origin, annotation, finding_of
from analyzers.decimals import decimal_text
from analyzers.region import Box, Grid, Mask, Point, Polygon, Region
from hashstore.digest import Digest

ORIGIN = Origin(
    f"{Digest.of(b'key').uri}#3", Digest.of(b"image"), Digest.of(b"analyzer"), "facts 1",
    datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC),
)  # fmt: skip
REGIONS: list[Region] = [
    Box(1, 2, 3, 4), Point(7, 8), Polygon(((0, 0), (9, 0), (4, 7))), Mask(Box(1, 1, 2, 2), (1, 3)),
    Grid(2, 2, (0, 4)),
]  # fmt: skip
FINDINGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"kind": st.sampled_from(["label", "sharpness", "barcode"])},
    optional={
        "region": st.sampled_from(REGIONS).map(lambda region: region.text),
        "text": st.text(min_size=1, max_size=9),
        "term": st.just("http://rs.tdwg.org/dwc/terms/Taxon"),
        "value": st.floats(-9, 9).map(decimal_text),
        "unit": st.just("mm"),
        "confidence": st.just("0.5"),
        "vector": st.just("AACAPw=="),
        "derivative": st.just(Digest.of(b"crop").uri),
    },
)


@given(FINDINGS, st.sampled_from(["en", "la"]))
def test_a_finding_comes_back_out_of_its_annotation(finding: dict[str, Any], language: str) -> None:
    said = {**finding, "language": language} if "text" in finding else finding
    assert finding_of(json.loads(json.dumps(annotation(ORIGIN, said)))) == said


@pytest.fixture(scope="session")
def musts(shared_data: Path) -> list[tuple[str, Any]]:
    """What W3C's test of the model says that every annotation must be, as validators."""
    folder = shared_data / "vectors" / "web-annotation-tests"
    listed = json.loads((folder / "annotations" / "annotationMusts.test").read_text("utf-8"))["assertions"]
    files = [*(folder / "definitions").glob("*.json"), *(folder / "annotations").rglob("*.json")]
    schemas = [json.loads(path.read_text("utf-8")) for path in files]
    named = [(schema["id"], DRAFT4.create_resource(schema)) for schema in schemas if "id" in schema]
    registry: Registry[Any] = Registry().with_resources(named)
    found = []
    for place in listed:
        path = folder / place
        if path.is_file():  # W3C's list names files that its repository does not have
            schema = json.loads(path.read_text("utf-8"))
            expected = schema.get("expectedResult", "valid") == "valid"
            found.append((place, (Draft4Validator(schema, registry=registry), expected)))
    return found


@pytest.mark.parametrize("region", [None, *REGIONS], ids=repr)
@pytest.mark.parametrize(
    "said",
    [
        {"text": "Quercus robur L.", "language": "la"},
        {"term": "http://rs.tdwg.org/dwc/terms/Taxon"},
        {"value": "0.5", "unit": "mm"},
        {},
        {"vector": "AACAPw=="},
    ],
    ids=str,
)
def test_w3cs_musts_hold(said: dict[str, Any], region: Any, musts: list[tuple[str, Any]]) -> None:
    finding = {"kind": "thing", **said, **({"region": region.text} if region else {})}
    made = annotation(ORIGIN, finding)
    assert len(musts) > 20
    for place, (validator, expected) in musts:
        assert validator.is_valid(made) == expected, place
