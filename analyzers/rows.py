"""Whether rows that a stranger signed say what analyzers may say (spec/analyzers.md). Pure.

A row that no analyzer could have written is no finding: whoever shows, searches or compares findings may rely
on their forms. Whether a region lies inside its picture is not known here: the picture may not be.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analyzers.check import LARGEST_VECTOR, LONGEST_TEXT, MOST_FINDINGS
from analyzers.decimals import is_decimal
from analyzers.errors import BadOutput, MalformedRegion
from analyzers.identity import output_key
from analyzers.output import FAULTS
from analyzers.region import parse_region
from hashstore.digest import Digest

_NUMBERS: Final = ("value", "uncertainty", "confidence")
_LONGEST: Final = {
    "kind": 200,
    "text": LONGEST_TEXT,
    "language": 100,
    "term": 2_100,
    "unit": 100,
    "mediaType": 200,
}
# Most regions are rectangles: these are told from others without looking at each.
_BOX: Final = r"^xywh=pixel:(?:0|[1-9][0-9]{0,8}),(?:0|[1-9][0-9]{0,8}),[1-9][0-9]{0,8},[1-9][0-9]{0,8}$"
_IRI: Final = r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$"


def check_rows(table: str, batch: pa.RecordBatch) -> None:
    """Check rows of the tables `finding` and `analysis`; those of others pass.

    Args:
        table: Its name.
        batch: Some rows of it, of the schema's own types.

    Raises:
        BadOutput: One is none that an analyzer makes; the message says which member, and shows a piece.
    """
    if table == "finding":
        _check_findings(batch)
    elif table == "analysis":
        for row in batch.select(_KEYED).to_pylist():
            _check_analysis(row)


_KEYED: Final = ["key", "digest", "analyzer", "parameters", "inputRegion", "findings", "fault"]


def _check_findings(batch: pa.RecordBatch) -> None:
    place = pc.min_max(batch.column("place")).as_py()
    if place["min"] < 1 or place["max"] > MOST_FINDINGS:
        raise BadOutput(f"a finding's place is from 1 to {MOST_FINDINGS:,}")
    for name, most in _LONGEST.items():
        longest = pc.max(pc.utf8_length(batch.column(name))).as_py() or 0
        if longest > most:
            raise BadOutput(f"a finding's {name} has {longest:,} characters; there may be {most:,}")
    _each("term", batch.column("term"), _IRI)
    for text in _others(batch.column("region"), _BOX):
        _check_region(text)
    for name in _NUMBERS:
        for text in batch.column(name).unique().to_pylist():
            _check_number(name, text)
    for text in batch.column("vector").drop_null().to_pylist():
        _check_vector(text)


def _each(name: str, column: pa.Array, pattern: str) -> None:
    for text in _others(column, pattern):
        raise BadOutput(f"a finding's {name} {text[:60]!r} is none")


def _others(column: pa.Array, pattern: str) -> list[str]:
    """Those that a pattern does not fit, each once."""
    there = column.drop_null()
    found: list[str] = there.filter(pc.invert(pc.match_substring_regex(there, pattern))).unique().to_pylist()
    return found


def _check_region(text: str) -> None:
    try:
        parse_region(text)
    except MalformedRegion as error:
        raise BadOutput(f"a finding's region is none: {error}") from error


def _check_number(name: str, text: str | None) -> None:
    if text is None:
        return
    if not is_decimal(text):
        raise BadOutput(f"a finding's {name} {text[:60]!r} is no plain decimal")
    least, most = {"confidence": (0.0, 1.0), "uncertainty": (0.0, np.inf)}.get(name, (-np.inf, np.inf))
    if not least <= float(text) <= most:
        raise BadOutput(f"a finding's {name} {text[:60]} is out of range")


def _check_vector(text: str) -> None:
    if len(text) > LARGEST_VECTOR * 6:
        raise BadOutput(f"a finding's vector has more than {LARGEST_VECTOR:,} coordinates")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadOutput("a finding's vector is no base64") from error
    if not data or len(data) % 4 or len(data) > LARGEST_VECTOR * 4:
        raise BadOutput(f"a finding's vector has {len(data):,} bytes")
    if not np.isfinite(np.frombuffer(data, "<f4")).all():
        raise BadOutput("a finding's vector is not finite")


def _check_analysis(row: Mapping[str, Any]) -> None:
    region = row["inputRegion"]
    if region is not None:
        _check_region(region)
    analyzer, parameters, image = (Digest(row[name]) for name in ("analyzer", "parameters", "digest"))
    key = output_key(analyzer, parameters, image, parse_region(region) if region is not None else None)
    if key.raw != row["key"]:
        raise BadOutput("an analysis has another key than its analyzer, parameters and input have")
    if row["fault"] is not None and (row["fault"] not in FAULTS or row["findings"]):
        raise BadOutput(f"an analysis has the fault {row['fault'][:60]!r} and {row['findings']} findings")
    if not 0 <= row["findings"] <= MOST_FINDINGS:
        raise BadOutput(f"an analysis has {row['findings']:,} findings; there may be {MOST_FINDINGS:,}")
