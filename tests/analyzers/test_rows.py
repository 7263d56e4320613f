"""Rows that a stranger signed are held to what analyzers may say; what an analyzer says passes."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import BadOutput
from analyzers.identity import output_key
from analyzers.region import parse_region
from analyzers.rows import check_rows
from hashstore.digest import Digest
from manifests.tables import ANALYSIS, FINDING

IMAGE, ANALYZER, PARAMETERS = (Digest.of(name) for name in (b"image", b"analyzer", b"parameters"))


def vector(*coordinates: float) -> str:
    return base64.b64encode(np.array(coordinates, "<f4").tobytes()).decode()


SOUND: dict[str, Any] = {
    "key": Digest.of(b"key").raw, "place": 1, "digest": IMAGE.raw, "analyzer": ANALYZER.raw, "kind": "label",
    "region": "xywh=pixel:0,10,30,40", "text": "Quercus robur L.\u00e9", "language": "la",
    "term": "http://rs.tdwg.org/dwc/terms/Taxon", "value": "-0.5", "unit": "mm", "uncertainty": "0",
    "confidence": "0.999", "vector": vector(0.1, -3e38),
}  # fmt: skip


def findings(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{**SOUND, **row} for row in rows], schema=FINDING.arrow)


def analyses(region: str | None = None, **changed: Any) -> pa.RecordBatch:
    key = output_key(ANALYZER, PARAMETERS, IMAGE, parse_region(region) if region else None)
    row = {
        "key": key.raw, "digest": IMAGE.raw, "analyzer": ANALYZER.raw, "parameters": PARAMETERS.raw,
        "inputRegion": region, "output": Digest.of(b"output").raw, "findings": 0,
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([row | changed], schema=ANALYSIS.arrow)


def test_what_an_analyzer_may_say_passes() -> None:
    bare = {name: None for name in SOUND if name not in ("key", "place", "digest", "analyzer", "kind")}
    others = ({"region": text} for text in ("point=pixel:0,0", "polygon=pixel:0,0 9,0 0,9", "grid=2x1;1 1"))
    check_rows("finding", findings({}, {**bare, "place": 10_000}, *others))
    check_rows("analysis", analyses())
    check_rows("analysis", analyses("xywh=pixel:1,2,3,4", findings=7))
    check_rows("analysis", analyses(fault="damaged"))
    check_rows("specimen", pa.RecordBatch.from_pylist([{"any": 1}]))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("place", 0),
        ("place", 2**53 - 1),
        ("region", "xywh=pixel:0,0,9007199254740992,1"),
        ("region", "xywh=pixel:-1,0,5,5"),
        ("region", "xywh=pixel:0,0,0,5"),
        ("region", "xywh=pixel:0,0,NaN,5"),
        ("region", "mask=pixel:0,0,2,2;1 1"),
        ("region", "grid=9999x9999;1"),
        ("region", ""),
        ("text", "x" * 100_001),
        ("kind", "k" * 300),
        ("term", "no IRI"),
        ("term", "javascript:alert(1)\u2028<script>"),
        ("value", "NaN"),
        ("value", "1e400"),
        ("value", "٣"),
        ("uncertainty", "-1"),
        ("confidence", "1.01"),
        ("vector", vector(1.0, float("nan"))),
        ("vector", vector(float("inf"))),
        ("vector", "AAA="),
        ("vector", "no base64!"),
        ("vector", ""),
        ("vector", "A" * 100_000),
    ],
)
def test_what_no_analyzer_may_say_is_refused(member: str, value: Any) -> None:
    with pytest.raises(BadOutput, match=member if member != "place" else "place"):
        check_rows("finding", findings({}, {member: value}, {}))


def test_an_analysis_has_the_key_of_what_it_names() -> None:
    with pytest.raises(BadOutput, match="another key"):
        check_rows("analysis", analyses(key=Digest.of(b"another's").raw))
    with pytest.raises(BadOutput, match="fault"):
        check_rows("analysis", analyses(fault="boring"))
    with pytest.raises(BadOutput, match="findings"):
        check_rows("analysis", analyses(findings=2**53 - 1))
    with pytest.raises(BadOutput, match="region"):
        check_rows("analysis", analyses(inputRegion="xywh=pixel:0,0,9007199254740992,1"))


@given(st.sampled_from(sorted(set(SOUND) - {"key", "place", "digest", "analyzer"})), st.text(max_size=40))
def test_whatever_text_comes_it_passes_or_is_refused(member: str, text: str) -> None:
    with contextlib.suppress(BadOutput):
        check_rows("finding", findings({member: text.encode("utf-8", "replace").decode()}))
